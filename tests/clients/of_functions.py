"""Functions: made, shown, changed, listed, tagged, deleted; and what is refused."""

import base64
import hashlib
import time

from acting import (ECHO, ROLE, Invoked, code, create, functions, objects, refused, story, updated,
                    zipped)


@story
def made_and_shown():
    made = create("shown", Description="one", Tags={"of": "this story"},
                  Environment={"Variables": {"COLOUR": "grey"}}, EphemeralStorage={"Size": 600})
    assert (made["State"], made["LastUpdateStatus"]) == ("Pending", "InProgress"), made
    shown = functions.get_function(FunctionName="shown")
    configuration = shown["Configuration"]
    assert (configuration["State"], configuration["LastUpdateStatus"]) == ("Active", "Successful")
    for key, value in {
            "FunctionName": "shown", "Runtime": "python3.14", "Role": ROLE, "Timeout": 15,
            "MemorySize": 512, "Description": "one", "Version": "$LATEST", "PackageType": "Zip",
            "Architectures": ["x86_64"], "Environment": {"Variables": {"COLOUR": "grey"}},
            "EphemeralStorage": {"Size": 600}, "Handler": "code.lambda_handler",
            "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/aws/lambda/shown"}}.items():
        assert configuration[key] == value, (key, configuration[key])
    package = code()["ZipFile"]
    sha256 = base64.b64encode(hashlib.sha256(package).digest()).decode()
    # Zips carry the time at which they were made, which may have been a second earlier.
    assert len(configuration["CodeSha256"]) == len(sha256)
    assert configuration["CodeSize"] == len(package)
    assert shown["Tags"] == {"of": "this story"} and shown["Code"]["RepositoryType"] == "S3"
    for named in ("shown:$LATEST", configuration["FunctionArn"], "000000000000:function:shown"):
        again = functions.get_function_configuration(FunctionName=named)
        assert again["RevisionId"] == configuration["RevisionId"], named
    versions = functions.list_versions_by_function(FunctionName="shown")["Versions"]
    assert [version["Version"] for version in versions] == ["$LATEST"], versions
    functions.delete_function(FunctionName="shown")
    refused("ResourceNotFoundException", functions.get_function, FunctionName="shown")
    refused("ResourceNotFoundException", functions.delete_function, FunctionName="shown")


@story
def changed_while_it_waits_its_turn():
    create("changed")
    first = functions.get_function_configuration(FunctionName="changed")["RevisionId"]
    # A layer's worth of files takes a while to unpack: long enough for a second update.
    many = zipped({**{f"f{i}": "x" * 100 for i in range(8000)}, "code.py": ECHO})
    objects.create_bucket(Bucket="code-of-functions")
    objects.put_object(Bucket="code-of-functions", Key="many.zip", Body=many)
    answer = functions.update_function_code(
        FunctionName="changed", S3Bucket="code-of-functions", S3Key="many.zip", RevisionId=first)
    assert answer["LastUpdateStatus"] == "InProgress" and answer["RevisionId"] != first, answer
    refused("ResourceConflictException", functions.update_function_configuration,
            FunctionName="changed", MemorySize=256)
    assert Invoked("changed", {"a": 1}).value == {"a": 1}  # The old code serves meanwhile.
    updated("changed")
    assert functions.get_function(FunctionName="changed")["Configuration"]["CodeSize"] == len(many)
    refused("PreconditionFailedException", functions.update_function_code,
            FunctionName="changed", RevisionId=first, **code())
    functions.update_function_configuration(
        FunctionName="changed", Timeout=9, MemorySize=256, Description="two", Handler="code.other",
        Environment={"Variables": {"A1": "b"}}, EphemeralStorage={"Size": 700})
    updated("changed")
    shown = functions.get_function_configuration(FunctionName="changed")
    assert (shown["Timeout"], shown["MemorySize"], shown["Handler"]) == (9, 256, "code.other")
    dry = functions.update_function_code(FunctionName="changed", DryRun=True, **code())
    assert dry["CodeSize"] != shown["CodeSize"]
    after = functions.get_function_configuration(FunctionName="changed")
    assert after["RevisionId"] == shown["RevisionId"] and after["CodeSize"] == shown["CodeSize"]
    functions.delete_function(FunctionName="changed")
    objects.delete_object(Bucket="code-of-functions", Key="many.zip")
    objects.delete_bucket(Bucket="code-of-functions")


@story
def listed_in_pages():
    for i in range(5):
        create(f"listed-{i}")
    pages = functions.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2})
    names = [function["FunctionName"] for page in pages for function in page["Functions"]]
    wanted = [f"listed-{i}" for i in range(5)]
    assert [name for name in names if name in wanted] == wanted and len(names) == len(set(names))
    for named in wanted:
        functions.delete_function(FunctionName=named)


@story
def tagged():
    arn = create("tagged", Tags={"a": "1"})["FunctionArn"]
    functions.tag_resource(Resource=arn, Tags={"b": "2", "c d": "ü"})
    assert functions.list_tags(Resource=arn)["Tags"] == {"a": "1", "b": "2", "c d": "ü"}
    functions.untag_resource(Resource=arn, TagKeys=["a", "c d"])
    assert functions.list_tags(Resource=arn)["Tags"] == {"b": "2"}
    refused("InvalidParameterValueException", functions.tag_resource, Resource=arn,
            Tags={str(i): "x" for i in range(51)})
    functions.delete_function(FunctionName="tagged")
    refused("ResourceNotFoundException", functions.list_tags, Resource=arn)


@story
def reserved():
    create("reserved")
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(
        FunctionName="reserved")
    functions.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=0)
    told = refused("TooManyRequestsException", functions.invoke, FunctionName="reserved")
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert told["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded", told
    shown = functions.get_function(FunctionName="reserved")
    assert shown["Concurrency"] == {"ReservedConcurrentExecutions": 0}, shown
    refused("InvalidParameterValueException", functions.put_function_concurrency,
            FunctionName="reserved", ReservedConcurrentExecutions=901)
    functions.put_function_concurrency(FunctionName="reserved", ReservedConcurrentExecutions=7)
    limit = functions.get_account_settings()["AccountLimit"]
    assert limit["UnreservedConcurrentExecutions"] == 1000 - 7, limit
    functions.delete_function_concurrency(FunctionName="reserved")
    assert Invoked("reserved", {"free": True}).value == {"free": True}
    functions.delete_function(FunctionName="reserved")


@story
def refused_in_the_real_words():
    settings = {"FunctionName": "refused", "Runtime": "python3.14", "Role": ROLE,
                "Handler": "code.lambda_handler", "Code": code()}
    for wrong, error in [
            ({"Code": {"ZipFile": b"not a zip"}}, "InvalidParameterValueException"),
            ({"Code": {}}, "InvalidParameterValueException"),
            ({"Code": {"S3Bucket": "nowhere", "S3Key": "x"}}, "InvalidParameterValueException"),
            ({"Runtime": "python2.7"}, "InvalidParameterValueException"),
            ({"MemorySize": 64}, "ValidationException"),
            ({"Timeout": 901}, "ValidationException"),
            ({"EphemeralStorage": {"Size": 20000}}, "ValidationException"),
            ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException"),
            ({"Environment": {"Variables": {"A1": "x" * 5000}}}, "InvalidParameterValueException"),
            ({"Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:none:1"]},
             "InvalidParameterValueException"),
            ({"Architectures": ["riscv"]}, "ValidationException"),
            ({"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "WARN"}},
             "InvalidParameterValueException")]:
        refused(error, unvalidated().create_function, **{**settings, **wrong})
    create("refused")
    refused("ResourceConflictException", functions.create_function, **settings)
    functions.delete_function(FunctionName="refused")


@story
def unsupported_is_said_and_nothing_done():
    create("plain")
    for call, arguments in [
            (functions.publish_version, {"FunctionName": "plain"}),
            (functions.create_alias, {"FunctionName": "plain", "Name": "a", "FunctionVersion": "1"}),
            (functions.list_event_source_mappings, {}),
            (functions.put_function_event_invoke_config, {"FunctionName": "plain"}),
            (functions.create_function_url_config,
             {"FunctionName": "plain", "AuthType": "AWS_IAM"}),
            (functions.update_function_configuration,
             {"FunctionName": "plain", "VpcConfig": {"SubnetIds": ["subnet-1"]}}),
            (functions.update_function_configuration,
             {"FunctionName": "plain", "TracingConfig": {"Mode": "Active"}}),
            (functions.update_function_configuration,
             {"FunctionName": "plain", "SnapStart": {"ApplyOn": "PublishedVersions"}}),
            (functions.update_function_configuration,
             {"FunctionName": "plain",
              "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:q"}}),
            (functions.update_function_code,
             {"FunctionName": "plain", "S3Bucket": "abc", "S3Key": "k", "S3ObjectVersion": "7"})]:
        told = refused("UnsupportedOperation", call, **arguments)
        assert told["ResponseMetadata"]["HTTPStatusCode"] == 501, told
        assert "nothing was done" in told["Error"]["Message"], told
    # What changes nothing is taken.
    functions.update_function_configuration(
        FunctionName="plain", TracingConfig={"Mode": "PassThrough"}, KMSKeyArn="",
        VpcConfig={"SubnetIds": [], "SecurityGroupIds": []}, DeadLetterConfig={},
        SnapStart={"ApplyOn": "None"})
    updated("plain")
    functions.delete_function(FunctionName="plain")


def unvalidated():
    """A client that sends what boto3 would refuse by itself."""
    import boto3
    import botocore.config
    return boto3.client("lambda", config=botocore.config.Config(
        parameter_validation=False, retries={"total_max_attempts": 1}))
