"""What AWS documents and the models do not say. Each rule names its page.

A rule is a function of the request's values; it yields what is wrong.
"""

import json
import re
from ipaddress import ip_address

TAG = re.compile(r"[\w\s.:/=+\-@]*")
RESERVED = re.compile(
    r"_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_REGION|REGION|EXECUTION_ENV|LAMBDA_.*|ACCESS_KEY.*|"
    r"SECRET_ACCESS_KEY|SESSION_TOKEN)|LAMBDA_(TASK_ROOT|RUNTIME_DIR)")
ZIP_LIMIT = 50 * 1024 * 1024


def check(asked, scope, values):
    """Everything that is wrong by the rules for this operation."""
    name = str(asked)
    yield from tags(values)
    for begins, rule in RULES:
        if name.startswith(begins):
            yield from rule(name.partition(":")[2], values, scope)


def tags(values):
    """IAM user guide, "Tagging your AWS resources", and "Tag naming limits" of each service."""
    found = values.get("Tags") or values.get("tags") or values.get("ResourceTags")
    if isinstance(values.get("Tagging"), dict):
        found = values["Tagging"].get("TagSet")
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        pairs = [tuple(one.get(name) or one.get(name.lower()) or "" for name in ("Key", "Value"))
                 for one in found]
    elif isinstance(found, dict):
        pairs = list(found.items())
    else:
        return
    if len({key for key, _ in pairs}) != len(pairs):
        yield "Tags name a key twice"
    if len(pairs) > 50:
        yield f"Tags are {len(pairs)}, more than 50"
    for key, value in pairs:
        if not 1 <= len(key) <= 128 or len(value or "") > 256:
            yield f"Tags: {key!r} is too long, or its value is"
        if key.lower().startswith("aws:"):
            yield f"Tags: {key!r} begins with aws:"
        if not TAG.fullmatch(key) or not TAG.fullmatch(value or ""):
            yield f"Tags: {key!r}={value!r} has a character that AWS does not take"


def function(operation, values, _scope):
    """Lambda developer guide, "Quotas", "Environment variables" and CreateFunction."""
    if operation not in ("CreateFunction", "UpdateFunctionConfiguration", "UpdateFunctionCode"):
        return
    name = values.get("FunctionName", "")
    if ":" not in name and not re.fullmatch(r"[\w-]{1,64}", name):
        yield f"FunctionName {name!r} is none that a function can have"
    variables = (values.get("Environment") or {}).get("Variables") or {}
    if len(json.dumps(variables, separators=(",", ":")).encode()) > 4096:
        yield "Environment is larger than 4 KB"
    for variable in variables:
        if RESERVED.fullmatch(variable):
            yield f"Environment: {variable} is reserved"
    if (values.get("Timeout") or 0) > 900:
        yield f"Timeout is {values['Timeout']} s, more than 900"
    if len(values.get("Layers") or []) > 5:
        yield f"Layers are {len(values['Layers'])}, more than 5"
    code = values.get("Code") or values
    sources = [source for source in ("ZipFile", "S3Bucket", "ImageUri") if code.get(source)]
    if operation != "UpdateFunctionConfiguration" and len(sources) != 1:
        yield f"the code comes from {sources or 'nowhere'}"
    if len(code.get("ZipFile") or b"") > ZIP_LIMIT:
        yield "ZipFile is larger than 50 MB"
    if ("S3Bucket" in sources) != bool(code.get("S3Key")):
        yield "S3Bucket and S3Key belong together"
    if len(values.get("Architectures") or [1]) != 1:
        yield "Architectures must be one"
    if operation == "CreateFunction":
        image = values.get("PackageType") == "Image"
        if image != ("ImageUri" in sources):
            yield "PackageType and Code do not belong together"
        for member in ("Handler", "Runtime"):
            if image == (values.get(member) is not None):
                yield f"{member} and PackageType do not belong together"
        if image and values.get("Layers"):
            yield "Layers cannot be with an image"


def layer(operation, values, _scope):
    """Lambda developer guide, "Quotas"."""
    if operation != "PublishLayerVersion":
        return
    content = values.get("Content") or {}
    if len(content.get("ZipFile") or b"") > ZIP_LIMIT:
        yield "ZipFile is larger than 50 MB"
    if bool(content.get("ZipFile")) == bool(content.get("S3Bucket")):
        yield "Content is neither one zip nor one object"


def invocation(operation, values, _scope):
    """Lambda developer guide, "Quotas"."""
    payload = values.get("Payload") or b""
    if operation != "Invoke":
        return
    most = 1024 * 1024 if values.get("InvocationType") == "Event" else 6 * 1024 * 1024
    if len(payload) > most:
        yield f"Payload has {len(payload)} bytes, more than {most}"
    try:
        json.loads(payload or b"null")
    except ValueError:
        yield "Payload is no JSON"


def bucket(operation, values, scope):
    """S3 user guide, "General purpose bucket naming rules"; CreateBucket."""
    name = values.get("Bucket")
    if operation != "CreateBucket":
        return
    right = re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]", name) and ".." not in name
    odd = name.startswith(("xn--", "sthree-", "amzn-s3-demo-")) or name.endswith(
        ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"))
    if not right or odd or is_address(name):
        yield f"Bucket {name!r} is none that a bucket can have"
    where = (values.get("CreateBucketConfiguration") or {}).get("LocationConstraint")
    if where != (None if scope.region == "us-east-1" else scope.region):
        yield f"LocationConstraint is {where}, and the request is for {scope.region}"


def lifecycle(operation, values, _scope):
    """S3 API, PutBucketLifecycleConfiguration: every rule has a Filter and an action."""
    if operation != "PutBucketLifecycleConfiguration":
        return
    acts = ("Expiration", "Transitions", "NoncurrentVersionExpiration",
            "AbortIncompleteMultipartUpload", "NoncurrentVersionTransitions")
    for rule in (values.get("LifecycleConfiguration") or {}).get("Rules") or []:
        if not any(rule.get(act) for act in acts):
            yield f"rule {rule.get('ID')!r} does nothing"
        if "Filter" not in rule and "Prefix" not in rule:
            yield f"rule {rule.get('ID')!r} has no Filter"
        expires = rule.get("Expiration") or {}
        if len(expires) > 1:
            yield f"rule {rule.get('ID')!r} expires by {sorted(expires)}"


def policy(operation, values, _scope):
    """IAM user guide, "Grammar of the IAM JSON policy language" and quotas."""
    for member, most in (("PolicyDocument", 10240), ("AssumeRolePolicyDocument", 2048),
                         ("Policy", 20480), ("policyText", 10240)):
        text = values.get(member)
        if not isinstance(text, str) or operation.startswith("Simulate"):
            continue
        if len("".join(text.split())) > most:
            yield f"{member} is longer than {most} characters"
        try:
            document = json.loads(text)
        except ValueError:
            yield f"{member} is no JSON"
            continue
        # That of UpdateAssumeRolePolicy is a trust, whatever its name.
        trust = operation == "UpdateAssumeRolePolicy"
        yield from statements("AssumeRolePolicyDocument" if trust else member, document)


def statements(member, document):
    if document.get("Version") != "2012-10-17":
        yield f"{member} has no current Version"
    found = document.get("Statement")
    for statement in found if isinstance(found, list) else [found]:
        known = {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}
        if not isinstance(statement, dict) or set(statement) - known:
            yield f"{member} has a statement that is not understood: {statement}"
            continue
        if statement.get("Effect") not in ("Allow", "Deny") or "Action" not in statement:
            yield f"{member} has a statement without Effect or Action"
        if not re.fullmatch(r"[A-Za-z0-9]*", statement.get("Sid", "")):
            yield f"{member}: Sid {statement['Sid']!r} is none"
        if ("Principal" in statement) != (member != "PolicyDocument"):
            yield f"{member}: Principal is in the wrong sort of policy"
        # A trust is for its role, a repository's policy for its repository.
        if ("Resource" in statement) != (member not in ("AssumeRolePolicyDocument", "policyText")):
            yield f"{member}: Resource is in the wrong sort of policy"


def alarm(operation, values, scope):
    """CloudWatch user guide, "Create a billing alarm": one region, one namespace, USD."""
    if operation != "PutMetricAlarm":
        return
    if values.get("MetricName") == "EstimatedCharges":
        dimensions = {one.get("Name"): one.get("Value") for one in values.get("Dimensions") or []}
        if (scope.region, values.get("Namespace")) != ("us-east-1", "AWS/Billing"):
            yield "EstimatedCharges is in AWS/Billing of us-east-1 only"
        if dimensions.get("Currency") != "USD":
            yield "EstimatedCharges needs the dimension Currency=USD"
        if values.get("Statistic") != "Maximum":
            yield "EstimatedCharges is a running total: its Statistic is Maximum"
        if (values.get("Period") or 0) < 21600:
            yield "EstimatedCharges comes every six hours: a shorter Period sees nothing"
    for action in values.get("AlarmActions") or []:
        if action.startswith("arn:aws:sns:") and action.split(":")[3] != scope.region:
            yield f"the alarm's topic {action} is in another region"
    period, times = values.get("Period"), values.get("EvaluationPeriods")
    if period and times and period >= 3600 and period * times > 7 * 86400:
        yield "EvaluationPeriods are longer than seven days"
    if period and period not in (10, 20, 30) and period % 60:
        yield f"Period {period} is no multiple of 60"


def topic(operation, values, _scope):
    """SNS API, CreateTopic and Subscribe."""
    if operation == "CreateTopic" and not re.fullmatch(r"[\w-]{1,256}", values.get("Name", "")):
        yield f"Name {values.get('Name')!r} is none that a topic can have"
    if operation == "Subscribe" and values.get("Protocol") == "email":
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", values.get("Endpoint") or ""):
            yield f"Endpoint {values.get('Endpoint')!r} is no address"


def budget(operation, values, _scope):
    """Budgets API, CreateBudget: quotas and what belongs together."""
    if operation != "CreateBudget":
        return
    wanted = values.get("Budget") or {}
    if re.search(r"[:\\]|/action/", wanted.get("BudgetName", "")):
        yield "BudgetName has a colon, a backslash or /action/"
    if wanted.get("BudgetType") == "COST" and not wanted.get("BudgetLimit"):
        yield "a COST budget without its limit"
    for notified in values.get("NotificationsWithSubscribers") or []:
        if not 1 <= len(notified.get("Subscribers") or []) <= 11:
            yield "a notification has one to eleven subscribers"
    if len(values.get("NotificationsWithSubscribers") or []) > 10:
        yield "a budget has ten notifications at most"


def machine(operation, values, _scope):
    """Step Functions, quotas and the Amazon States Language."""
    name = values.get("name") or ""
    if operation in ("CreateStateMachine", "StartExecution") and not re.fullmatch(r"[\w.-]{0,80}", name):
        yield f"name {name!r} is none that a state machine or an execution can have"
    for member in ("input", "definition"):
        if len((values.get(member) or "").encode()) > (256 if member == "input" else 1024) * 1024:
            yield f"{member} is too large"
    if operation in ("StartExecution", "StartSyncExecution"):
        try:
            json.loads(values.get("input") or "null")
        except ValueError:
            yield "input is no JSON"
    if operation not in ("CreateStateMachine", "UpdateStateMachine"):
        return
    try:
        definition = json.loads(values.get("definition") or "null")
    except ValueError:
        yield "definition is no JSON"
        return
    if definition is not None:
        yield from flow(definition, definition.get("QueryLanguage", "JSONPath"))


# What a state has in one language, and not in the other.
JSONPATH = {"InputPath", "OutputPath", "ResultPath", "Parameters", "ResultSelector", "ItemsPath"}
JSONATA = {"Arguments", "Output", "Items"}


def flow(definition, language):
    """Amazon States Language, "State machine structure", "Map", "Error handling", "Transforming data"."""
    states = definition.get("States") or {}
    if definition.get("StartAt") not in states:
        yield f"definition starts at {definition.get('StartAt')!r}, which is no state"
    for name, state in states.items():
        if len(name) > 80:
            yield f"definition: the name {name!r} is longer than 80 characters"
        if not (state.get("End") or state.get("Next") or state.get("Type") in ("Succeed", "Fail", "Choice")):
            yield f"definition: {name!r} leads nowhere"
        catchers = state.get("Catch") or []
        for target in [state.get("Next"), *(catcher.get("Next") for catcher in catchers)]:
            if target is not None and target not in states:
                yield f"definition: {name!r} leads to {target!r}, which is no state"
        for place, rule in [*enumerate(catchers), *enumerate(state.get("Retry") or [])]:
            errors = rule.get("ErrorEquals") or []
            rules = catchers if rule in catchers else state["Retry"]
            if "States.ALL" in errors and (len(errors) > 1 or place + 1 < len(rules)):
                yield f"definition: {name!r} has States.ALL elsewhere than alone and last"
        spoken = state.get("QueryLanguage", language)
        for field in set(state) & (JSONATA if spoken == "JSONPath" else JSONPATH):
            yield f"definition: {name!r} has {field}, and speaks {spoken}"
        if state.get("Type") == "Map":
            yield from loop(name, state, spoken)


def loop(name, state, language):
    """Amazon States Language, "Map", of either mode."""
    processor = state.get("ItemProcessor") or {}
    config = processor.get("ProcessorConfig") or {}
    distributed = config.get("Mode") == "DISTRIBUTED"
    if distributed != ("ExecutionType" in config):
        yield f"definition: {name!r} has a mode and an ExecutionType that do not belong together"
    alone = {"ItemReader", "ItemBatcher", "ResultWriter", "Label", "ToleratedFailurePercentage",
             "ToleratedFailureCount"}
    if not distributed and set(state) & alone:
        yield f"definition: {name!r} has {sorted(set(state) & alone)}, and is not distributed"
    if not distributed and (state.get("MaxConcurrency") or 0) > 40:
        yield f"definition: {name!r} runs more than 40 at a time, and is not distributed"
    if not 0 <= state.get("ToleratedFailurePercentage", 0) <= 100:
        yield f"definition: {name!r} tolerates {state['ToleratedFailurePercentage']} %"
    if len(state.get("Label") or "") > 40:
        yield f"definition: the label of {name!r} is longer than 40 characters"
    yield from flow(processor, language)


def repository(operation, values, _scope):
    """ECR API, CreateRepository: the name of a repository."""
    name = values.get("repositoryName") or ""
    if operation == "CreateRepository" and not 2 <= len(name) <= 256:
        yield f"repositoryName {name!r} is too short or too long"


RULES = [("lambda:", function), ("lambda:", layer), ("lambda:", invocation), ("s3:", bucket),
         ("s3:", lifecycle), ("iam:", policy), ("s3:", policy), ("ecr:", policy),
         ("cloudwatch:", alarm), ("sns:", topic), ("budgets:", budget),
         ("stepfunctions:", machine), ("ecr:", repository)]


def is_address(name):
    try:
        return bool(ip_address(name))
    except ValueError:
        return False
