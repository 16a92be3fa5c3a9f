"""Invocations: synchronous, later, dry; their errors, limits and logs."""

import base64
import json
import re
import time

from acting import Invoked, beside, create, functions, logs, refused, story, updated

REPORT = re.compile(
    r"REPORT RequestId: (\S+)\tDuration: [\d.]+ ms\tBilled Duration: (\d+) ms\t"
    r"Memory Size: 512 MB\tMax Memory Used: \d+ MB\t(Init Duration: [\d.]+ ms\t)?\n$")

TELLS = """
import json, os
def lambda_handler(event, context):
    print("hello from", context.function_name)
    return {"event": event, "id": context.aws_request_id, "group": context.log_group_name,
            "stream": context.log_stream_name, "arn": context.invoked_function_arn,
            "client": context.client_context and context.client_context.custom,
            "environment": dict(os.environ)}
"""

FAILS = """
import os, signal, sys, time
def lambda_handler(event, context):
    how = event["how"]
    if how == "raise":
        raise ValueError("no luck")
    if how == "exit":
        os._exit(3)
    if how == "signal":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how == "sleep":
        time.sleep(60)
    if how == "memory":
        hog = bytearray(2 << 30)
        return len(hog)
    if how == "large":
        return "x" * 6_400_000
    if how == "unserializable":
        return {1, 2}
"""


@story
def answered_with_the_real_headers():
    arn = create("tells", TELLS)["FunctionArn"]
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    cold = Invoked("tells", {"ü": [1, None]}, ClientContext=context)
    assert cold.answer["StatusCode"] == 200 and cold.answer["ExecutedVersion"] == "$LATEST"
    value = cold.value
    assert value["event"] == {"ü": [1, None]} and value["id"] == cold.id and value["arn"] == arn
    assert value["client"] == {"a": "b"} and value["group"] == "/aws/lambda/tells", value
    variables = value["environment"]
    for key, expected in {
            "AWS_EXECUTION_ENV": "AWS_Lambda_python3.14", "AWS_LAMBDA_FUNCTION_NAME": "tells",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand", "_HANDLER": "code.lambda_handler",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/tells", "LAMBDA_TASK_ROOT": "/var/task",
            "TZ": ":UTC"}.items():
        assert variables.get(key) == expected, (key, variables.get(key))
    lines = cold.log.splitlines(keepends=True)
    assert lines[0] == f"START RequestId: {cold.id} Version: $LATEST\n", lines
    assert lines[1] == "hello from tells\n" and lines[2] == f"END RequestId: {cold.id}\n", lines
    assert REPORT.match(lines[3]) and "Init Duration" in lines[3], lines
    warm = Invoked("tells")
    assert warm.value["stream"] == value["stream"] and "Init Duration" not in warm.log
    untailed = functions.invoke(FunctionName="tells", Payload=b"{}")
    assert "LogResult" not in untailed and "FunctionError" not in untailed
    functions.delete_function(FunctionName="tells")


@story
def failed_as_functions_fail():
    create("fails", FAILS, Timeout=2)
    for how, kind, message in [
            ("raise", "ValueError", "no luck"),
            ("exit", "Runtime.ExitError", "Error: Runtime exited with error: exit status 3"),
            ("signal", "Runtime.ExitError", "signal: segmentation fault"),
            ("sleep", "Sandbox.Timedout", "Error: Task timed out after 2.00 seconds"),
            ("memory", "Runtime.OutOfMemory", "signal: killed"),
            ("large", "Function.ResponseSizeTooLarge", "Response payload size exceeded"),
            ("unserializable", "Runtime.MarshalError", "not JSON serializable")]:
        failed = Invoked("fails", {"how": how})
        assert failed.error == "Unhandled" and failed.answer["StatusCode"] == 200, how
        assert failed.value["errorType"] == kind, (how, failed.value)
        assert message in failed.value["errorMessage"], (how, failed.value)
        assert f"END RequestId: {failed.id}" in failed.log and "REPORT" in failed.log, failed.log
    assert Invoked("fails", {"how": "well"}).value is None
    for handler, kind in [("code.missing", "Runtime.HandlerNotFound"),
                          ("absent.lambda_handler", "Runtime.ImportModuleError")]:
        functions.update_function_configuration(FunctionName="fails", Handler=handler)
        updated("fails")
        failed = Invoked("fails")
        assert failed.value["errorType"] == kind and "INIT_REPORT" in failed.log, failed.log
    functions.delete_function(FunctionName="fails")


@story
def accepted_and_run_later():
    create("later", TELLS)
    accepted = functions.invoke(FunctionName="later", InvocationType="Event", Payload=b'{"a": 1}')
    assert accepted["StatusCode"] == 202 and accepted["Payload"].read() == b"", accepted
    identity = accepted["ResponseMetadata"]["RequestId"]
    limit = time.monotonic() + 30
    while f"END RequestId: {identity}" not in written("later"):
        assert time.monotonic() < limit, "the event was not run within 30 s"
        time.sleep(0.2)
    dry = functions.invoke(FunctionName="later", InvocationType="DryRun")
    assert dry["StatusCode"] == 204
    assert written("later").count("START RequestId") == 1, "the dry run was run"
    functions.delete_function(FunctionName="later")


@beside
def tried_again_after_a_minute():
    create("fails-once", FAILS)
    sent = time.monotonic()
    accepted = functions.invoke(FunctionName="fails-once", InvocationType="Event",
                                Payload=b'{"how": "raise"}')
    start = f"START RequestId: {accepted['ResponseMetadata']['RequestId']}"
    while written("fails-once").count(start) < 2:
        assert time.monotonic() - sent < 90, "the event was not tried again within 90 s"
        time.sleep(1)
    assert time.monotonic() - sent > 59, "it was tried again at once"
    functions.delete_function(FunctionName="fails-once")


def written(function):
    group = f"/aws/lambda/{function}"
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        return ""
    return "".join(event["message"] for event in logs.filter_log_events(logGroupName=group)["events"])


@story
def too_large_or_no_json():
    create("limits")
    told = refused("RequestTooLargeException", functions.invoke, FunctionName="limits",
                   Payload=b'"' + b"x" * 6_300_000 + b'"')
    assert told["ResponseMetadata"]["HTTPStatusCode"] == 413
    refused("RequestTooLargeException", functions.invoke, FunctionName="limits",
            InvocationType="Event", Payload=b'"' + b"x" * 1_048_600 + b'"')
    refused("InvalidRequestContentException", functions.invoke, FunctionName="limits",
            Payload=b"{no json")
    refused("ResourceNotFoundException", functions.invoke, FunctionName="nobody")
    refused("ResourceNotFoundException", functions.invoke, FunctionName="limits", Qualifier="7")
    functions.delete_function(FunctionName="limits")
