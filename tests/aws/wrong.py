"""What the judge is worth: wrong requests by a client that checks nothing, each of which it must
notice, and right ones, of which it must not say a word."""

import json
import threading
import urllib.error
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

TRUST = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
         '"Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}')
PULL = ('{"Version":"2012-10-17","Statement":[{"Effect":"Allow",'
        '"Principal":{"Service":"lambda.amazonaws.com"},"Action":["ecr:BatchGetImage"]}]}')
ROLE = "arn:aws:iam::123456789012:role/runner"
ALARM = {"AlarmName": "a", "ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1,
         "MetricName": "EstimatedCharges", "Namespace": "AWS/Billing", "Period": 21600,
         "Statistic": "Maximum", "Threshold": 5.0,
         "Dimensions": [{"Name": "Currency", "Value": "USD"}]}
BUDGET = {"BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY",
          "BudgetLimit": {"Amount": "5", "Unit": "USD"}}
FUNCTION = {"FunctionName": "f", "Role": ROLE, "Runtime": "python3.14", "Handler": "a.b",
            "Code": {"ZipFile": b"zip"}, "Architectures": ["arm64"], "Tags": {"study": "a b"}}


MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m"
PASSES = {"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}}


def machine(state):
    """A state machine of one state."""
    definition = json.dumps({"StartAt": "A", "States": {"A": state}})
    return {"name": "m", "roleArn": ROLE, "definition": definition}


def without(some, name):
    return {key: value for key, value in some.items() if key != name}


# Service, operation, parameters, and a part of what the judge must say.
WRONG = [
    # REST and JSON
    ("lambda", "create_function", without(FUNCTION, "Role"), "Role is required"),
    ("lambda", "create_function", {**FUNCTION, "Role": "runner"}, "Role is 'runner', unlike"),
    ("lambda", "create_function", {**FUNCTION, "Runtime": "python4"}, "Runtime is 'python4', none of"),
    ("lambda", "create_function", {**FUNCTION, "Architectures": ["x86"]}, "Architectures[0] is 'x86'"),
    ("lambda", "create_function", {**FUNCTION, "MemorySize": 64}, "MemorySize has 64"),
    ("lambda", "create_function", {**FUNCTION, "MemorySize": "512"}, "MemorySize is '512', no integer"),
    ("lambda", "create_function", {**FUNCTION, "Timeout": 901}, "Timeout is 901"),
    ("lambda", "create_function", {**FUNCTION, "EphemeralStorage": {}}, "EphemeralStorage.Size is required"),
    ("lambda", "create_function", {**FUNCTION, "Layers": ["x:1"]}, "Layers[0] is 'x:1', unlike"),
    ("lambda", "create_function", {**FUNCTION, "Environment": {"Variables": {"AWS_REGION": "x"}}},
     "AWS_REGION is reserved"),
    ("lambda", "create_function", {**FUNCTION, "Environment": {"Variables": {"NAME": "x" * 4096}}}, "4 KB"),
    ("lambda", "create_function", {**FUNCTION, "Tags": {"aws:study": "a"}}, "begins with aws:"),
    ("lambda", "create_function", {**FUNCTION, "Tags": {"study": "a;b"}}, "has a character"),
    ("lambda", "create_function", {**FUNCTION, "PackageType": "Image"}, "do not belong together"),
    ("ecr", "set_repository_policy", {"repositoryName": "images", "policyText": PULL.replace(
        '"Action"', '"Resource":"*","Action"')}, "Resource is in the wrong sort of policy"),
    ("ecr", "set_repository_policy", {"repositoryName": "images", "policyText": PULL.replace(
        '"Principal":{"Service":"lambda.amazonaws.com"},', "")}, "Principal is in the wrong sort"),
    ("lambda", "publish_layer_version", {"LayerName": "l", "Content": {}}, "neither one zip nor"),
    ("lambda", "invoke", {"FunctionName": "f", "Payload": b"{"}, "Payload is no JSON"),
    ("lambda", "list_functions", {"MaxItems": 10001}, "MaxItems has 10001"),
    ("lambda", "put_function_concurrency",
     {"FunctionName": "f", "ReservedConcurrentExecutions": -1}, "fewer than 0"),
    # REST and XML
    ("s3", "create_bucket", {"Bucket": "Study_A"}, "is none that a bucket can have"),
    ("s3", "create_bucket", {"Bucket": "study-a", "CreateBucketConfiguration": {
        "LocationConstraint": "us-east-1"}}, "LocationConstraint is"),
    ("s3", "put_bucket_tagging", {"Bucket": "study-a", "Tagging": {"TagSet": [{"Key": "a"}]}},
     "Tagging.TagSet[0].Value is required"),
    ("s3", "put_bucket_encryption", {"Bucket": "study-a", "ServerSideEncryptionConfiguration": {"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES"}}]}}, "is 'AES', none of"),
    ("s3", "put_bucket_lifecycle_configuration", {"Bucket": "study-a", "LifecycleConfiguration": {
        "Rules": [{"ID": "r", "Status": "On", "Filter": {}, "Expiration": {"Days": 1}}]}}, "is 'On', none of"),
    ("s3", "put_bucket_lifecycle_configuration", {"Bucket": "study-a", "LifecycleConfiguration": {
        "Rules": [{"ID": "r", "Status": "Enabled", "Filter": {}}]}}, "does nothing"),
    # Query
    ("iam", "create_role", {"RoleName": "r"}, "AssumeRolePolicyDocument is required"),
    ("iam", "create_role", {"RoleName": "r" * 65, "AssumeRolePolicyDocument": TRUST}, "more than 64"),
    ("iam", "create_role", {"RoleName": "a b", "AssumeRolePolicyDocument": TRUST}, "RoleName is 'a b', unlike"),
    ("iam", "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": "{"}, "is no JSON"),
    ("iam", "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "Tags": [{"Key": "a"}]},
     "Tags[0].Value is required"),
    ("iam", "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 60},
     "MaxSessionDuration has 60"),
    ("iam", "put_role_policy", {"RoleName": "r", "PolicyName": "p", "PolicyDocument": TRUST},
     "Principal is in the wrong sort"),
    ("sns", "subscribe", {"TopicArn": "arn:aws:sns:us-east-1:1:t", "Protocol": "email", "Endpoint": "me"},
     "is no address"),
    ("sns", "subscribe", {"TopicArn": "arn:aws:sns:us-east-1:1:t"}, "Protocol is required"),
    ("sns", "create_topic", {"Name": "a b"}, "is none that a topic can have"),
    # JSON
    ("budgets", "create_budget", {"AccountId": "1", "Budget": BUDGET}, "AccountId"),
    ("budgets", "create_budget", {"AccountId": "123456789012", "Budget": {**BUDGET, "TimeUnit": "WEEKLY"}},
     "TimeUnit is 'WEEKLY', none of"),
    ("budgets", "create_budget", {"AccountId": "123456789012", "Budget": {**BUDGET, "BudgetName": "a:b"}},
     "BudgetName"),
    ("budgets", "create_budget", {"AccountId": "123456789012", "Budget": without(BUDGET, "BudgetLimit")},
     "without its limit"),
    ("logs", "put_retention_policy", {"logGroupName": "/aws/lambda/f"}, "retentionInDays is required"),
    ("logs", "describe_log_groups", {"limit": 51}, "limit has 51"),
    ("ecr", "create_repository", {"repositoryName": "Study"}, "repositoryName is 'Study', unlike"),
    ("stepfunctions", "create_state_machine", {"name": "m", "definition": "{}", "roleArn": ROLE, "type": "FAST"},
     "type is 'FAST', none of"),
    ("stepfunctions", "create_state_machine", {"name": "m", "roleArn": ROLE,
        "definition": '{"StartAt":"A","States":{}}'}, "which is no state"),
    ("stepfunctions", "create_state_machine", machine({"Type": "Map", "MaxConcurrency": 41, "End": True,
        "ItemProcessor": PASSES}), "more than 40 at a time"),
    ("stepfunctions", "create_state_machine", machine({"Type": "Pass", "End": True, "Output": 1}),
     "has Output, and speaks JSONPath"),
    ("stepfunctions", "create_state_machine", machine({"Type": "Task", "Resource": "r", "End": True,
        "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "B"}]}), "leads to 'B'"),
    ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "name": "a b"}, "none that a state machine"),
    # CBOR
    ("cloudwatch", "put_metric_alarm", without(ALARM, "AlarmName"), "AlarmName is required"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "ComparisonOperator": ">"}, "ComparisonOperator is '>', none"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "Period": 60}, "a shorter Period"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "Dimensions": []}, "Currency=USD"),
    ("cloudwatch", "put_metric_alarm", {**ALARM, "AlarmActions": ["arn:aws:sns:eu-central-1:1:t"]},
     "in another region"),
]

RIGHT = [
    ("sts", "get_caller_identity", {}),
    ("iam", "create_role", {"RoleName": "runner", "AssumeRolePolicyDocument": TRUST,
                            "Tags": [{"Key": "study", "Value": "a"}, {"Key": "expires", "Value": ""}]}),
    ("iam", "list_roles", {"MaxItems": 10}),
    ("lambda", "create_function", {**FUNCTION, "Environment": {"Variables": {"NAME": "ü"}}, "MemorySize": 1769,
                                   "EphemeralStorage": {"Size": 512}}),
    ("lambda", "list_functions", {"MaxItems": 50}),
    ("lambda", "tag_resource", {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:f",
                                "Tags": {"study": "b"}}),
    ("s3", "create_bucket", {"Bucket": "study-a"}),
    ("s3", "put_object", {"Bucket": "study-a", "Key": "ä b+c%20/1.png", "Body": b"x", "ContentType": "image/png"}),
    ("s3", "get_object", {"Bucket": "study-a", "Key": "ä b+c%20/1.png"}),
    ("s3", "list_objects_v2", {"Bucket": "study-a", "Prefix": "ä b", "MaxKeys": 5}),
    ("s3", "put_bucket_tagging", {"Bucket": "study-a", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}),
    ("s3", "put_bucket_lifecycle_configuration", {"Bucket": "study-a", "LifecycleConfiguration": {"Rules": [
        {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 7}}]}}),
    ("s3", "delete_objects", {"Bucket": "study-a", "Delete": {"Objects": [{"Key": "ä b+c%20/1.png"}]}}),
    ("sns", "create_topic", {"Name": "study", "Tags": [{"Key": "study", "Value": "a"}]}),
    ("budgets", "create_budget", {"AccountId": "123456789012", "Budget": BUDGET,
        "NotificationsWithSubscribers": [{"Notification": {"NotificationType": "ACTUAL",
            "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}, "Subscribers": [
                {"SubscriptionType": "EMAIL", "Address": "me@example.org"}]}]}),
    ("cloudwatch", "put_metric_alarm", ALARM),
    ("logs", "describe_log_groups", {"logGroupNamePrefix": "/aws/lambda/", "limit": 50}),
    ("ecr", "create_repository", {"repositoryName": "study/a"}),
    ("ecr", "set_repository_policy", {"repositoryName": "study/a", "policyText": PULL}),
    ("stepfunctions", "create_state_machine", machine({"Type": "Map", "Label": "batches", "End": True,
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject"}, "ItemProcessor": {
            **PASSES, "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}}})),
    ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "name": "run-1", "input": "{}"}),
]


def client(service, judge, **more):
    """A client that checks nothing, of the judge or of whoever is at an address."""
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1},
                    s3={"addressing_style": "path"}, **more)
    return boto3.client(service, endpoint_url=getattr(judge, "url", judge), region_name="us-east-1", config=config,
                        aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="not-a-secret")


def said_of(judge, ask):
    """What the judge says of one request, which is then forgotten."""
    before = list(judge.faults)
    judge.faults.clear()
    try:
        ask()
    except (ClientError, BotoCoreError, ResponseParserError, urllib.error.HTTPError):
        pass
    said, judge.faults = list(judge.faults), before
    return said


def changed(service, judge, event, change):
    """A client whose requests are changed before they are signed, or after."""
    found = client(service, judge)
    found.meta.events.register(f"{event}.{service}.*", change)
    return found


def by_hand(judge):
    """Wrong requests that boto3 cannot be made to send by parameters."""
    def unsigned():
        urllib.request.urlopen(urllib.request.Request(f"{judge.url}/2015-03-31/functions/"))

    def header(name, value):
        def change(request, **_):
            del request.headers[name]  # Setting one adds to those that are there.
            request.headers[name] = value
        return change

    def path(ending):
        def change(request, **_):
            request.url += ending
        return change

    def tampered(request, **_):
        request.headers["x-amz-date"] = "20200101T000000Z"

    before, after = "before-sign", "before-send"
    tags = {"Bucket": "study-a", "Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}
    return [
        (unsigned, "it is not signed"),
        (lambda: changed("lambda", judge, after, tampered).list_functions(), "its time is not ours"),
        (lambda: changed("lambda", judge, after, path("?MaxItems=1")).list_functions(), "signature is wrong"),
        (lambda: changed("s3", judge, after, path("x")).head_bucket(Bucket="study-a"), "signature is wrong"),
        (lambda: changed("lambda", judge, before, path("?Most=1")).list_functions(), "is in the query"),
        (lambda: changed("lambda", judge, before, path("nothing/at/all")).list_functions(), "has no GET"),
        (lambda: changed("s3", judge, before, header("x-amz-colour", "red")).list_buckets(), "is a header"),
        (lambda: changed("budgets", judge, before, header("X-Amz-Target", "AWSBudgetServiceGateway.Make"))
            .describe_budgets(AccountId="123456789012"), "has no operation 'Make'"),
        (lambda: changed("budgets", judge, before, header("Content-Type", "application/json"))
            .describe_budgets(AccountId="123456789012"), "content-type is"),
        (lambda: changed("s3", judge, before, header("x-amz-checksum-crc32", "AAAAAA=="))
            .put_bucket_tagging(**tags), "is not that of the body"),
        (lambda: other_region("iam", judge).list_roles(), "signed for in us-east-1"),
        (lambda: other_region("budgets", judge).describe_budgets(AccountId="123456789012"), "us-east-1"),
    ]


def other_region(service, judge):
    made = client(service, judge)

    def elsewhere(request, **_):
        request.context["signing"] = {**request.context.get("signing", {}), "region": "eu-central-1"}
    made.meta.events.register_first(f"before-sign.{service}.*", elsewhere)
    return made


class _Refuses(BaseHTTPRequestHandler):
    """A server that answers nothing, since only what the judge says counts here."""

    protocol_version = "HTTP/1.1"

    def handle_any(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        self.send_response_only(400)
        self.send_header("content-length", "0")
        self.end_headers()

    do_DELETE = do_GET = do_HEAD = do_POST = do_PUT = handle_any


@contextmanager
def nobody():
    """The address of such a server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refuses)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def judged(judge):
    """How many wrong and right requests were sent, and what the judge got wrong."""
    mistakes, asked = [], 0
    cases = [(lambda s=service, o=operation, p=parameters: getattr(client(s, judge), o)(**p), part)
             for service, operation, parameters, part in WRONG]
    for ask, part in cases + by_hand(judge):
        asked += 1
        said = said_of(judge, ask)
        if not any(part in one for one in said):
            mistakes.append(f"the judge did not say {part!r}, but {said or 'nothing'}")
    for service, operation, parameters in RIGHT:
        said = said_of(judge, lambda: getattr(client(service, judge), operation)(**parameters))
        if said:
            mistakes.append(f"the judge says of a right {service} {operation}: {said}")
    return asked, len(RIGHT), mistakes
