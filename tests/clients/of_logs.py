"""Logs: groups, streams and events as clients read them; text and JSON."""

import json
import time

from acting import Invoked, create, functions, logs, refused, story, updated

WRITES = """
import logging
def lambda_handler(event, context):
    print("printed", event.get("word"))
    logging.getLogger().warning("warned %s", event.get("word"))
    if event.get("raise"):
        raise ValueError("no luck")
"""


@story
def read_by_stream_and_by_words():
    begun = int(time.time() * 1000)
    create("writes", WRITES)
    one, two = Invoked("writes", {"word": "one"}), Invoked("writes", {"word": "two"})
    ended = int(time.time() * 1000)
    group = logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/writes")["logGroups"]
    assert [found["logGroupName"] for found in group] == ["/aws/lambda/writes"], group
    assert group[0]["storedBytes"] > 0 and group[0]["arn"].endswith(":log-group:/aws/lambda/writes:*")
    named = {"logGroupName": "/aws/lambda/writes"}
    streams = logs.describe_log_streams(**named, orderBy="LastEventTime", descending=True)
    [stream] = streams["logStreams"]
    assert begun <= stream["firstEventTimestamp"] <= stream["lastEventTimestamp"] <= ended, stream
    named["logStreamName"] = stream["logStreamName"]
    events = logs.get_log_events(**named, startFromHead=True)["events"]
    messages = [event["message"] for event in events]
    assert messages[0] == f"START RequestId: {one.id} Version: $LATEST\n", messages
    assert messages[1] == "printed one\n" and messages[-1].startswith(f"REPORT RequestId: {two.id}")
    assert all(begun <= event["timestamp"] <= ended for event in events), events
    times = [event["timestamp"] for event in events]
    assert times == sorted(times) and times[0] < times[-1], times

    # Forward and backward, until the token stays the same.
    walked, token = [], None
    while True:
        more = {"nextToken": token} if token else {"startFromHead": True}
        page = logs.get_log_events(**named, limit=3, **more)
        walked += [event["message"] for event in page["events"]]
        if page["nextForwardToken"] == token:
            break
        token = page["nextForwardToken"]
    assert walked == messages, walked
    back = logs.get_log_events(**named, limit=2)
    assert [event["message"] for event in back["events"]] == messages[-2:]
    before = logs.get_log_events(**named, limit=2, nextToken=back["nextBackwardToken"])
    assert [event["message"] for event in before["events"]] == messages[-4:-2]
    none = logs.get_log_events(**named, startTime=ended + 10_000)
    assert none["events"] == []

    def found(pattern, **more):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName="/aws/lambda/writes", filterPattern=pattern, **more)
        return [event["message"] for page in pages for event in page["events"]]
    assert found("printed -one") == ["printed two\n"]
    assert len(found('?printed ?"warned"', PaginationConfig={"PageSize": 1})) == 4
    assert found("printed", logStreamNames=[stream["logStreamName"]]) == ["printed one\n", "printed two\n"]
    assert found("", logStreamNamePrefix="1999/") == []
    refused("UnsupportedOperation", logs.filter_log_events, logGroupName="/aws/lambda/writes",
            filterPattern="{ $.level = \"INFO\" }")
    refused("ResourceNotFoundException", logs.filter_log_events, logGroupName="/aws/lambda/nobody")
    refused("ResourceNotFoundException", logs.get_log_events, logGroupName="/aws/lambda/writes",
            logStreamName="none")
    refused("UnsupportedOperation", logs.put_retention_policy, logGroupName="/aws/lambda/writes",
            retentionInDays=7)
    functions.delete_function(FunctionName="writes")
    # Logs outlive their function, as on AWS.
    assert found("printed two") == ["printed two\n"]
    logs.delete_log_group(logGroupName="/aws/lambda/writes")
    refused("ResourceNotFoundException", logs.describe_log_streams,
            logGroupName="/aws/lambda/writes")


@story
def as_json_and_by_level():
    create("objects-of-log", WRITES, LoggingConfig={"LogFormat": "JSON", "LogGroup": "/mine/all"})
    shown = functions.get_function_configuration(FunctionName="objects-of-log")["LoggingConfig"]
    assert shown == {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO",
                     "LogGroup": "/mine/all"}, shown
    invoked = Invoked("objects-of-log", {"word": "one"})
    tail = [json.loads(line) for line in invoked.log.splitlines() if line.startswith("{")]
    kinds = [event.get("type") for event in tail]
    assert kinds == ["platform.initStart", "platform.start", None, "platform.report"], invoked.log
    assert tail[1]["record"] == {"requestId": invoked.id, "version": "$LATEST"}, tail[1]
    warned = tail[2]
    assert warned["level"] == "WARNING" and warned["message"] == "warned one", warned
    report = tail[3]["record"]
    assert report["status"] == "success" and report["requestId"] == invoked.id, report
    metrics = report["metrics"]
    assert set(metrics) == {"durationMs", "billedDurationMs", "memorySizeMB", "maxMemoryUsedMB",
                            "initDurationMs"}, metrics
    assert metrics["memorySizeMB"] == 512
    assert 0 <= metrics["billedDurationMs"] - metrics["durationMs"] - metrics["initDurationMs"] < 1.02
    [group] = logs.describe_log_groups(logGroupNamePattern="mine")["logGroups"]
    [stream] = logs.describe_log_streams(logGroupIdentifier=group["logGroupArn"])["logStreams"]
    assert "/objects-of-log[$LATEST]" in stream["logStreamName"], stream

    functions.update_function_configuration(
        FunctionName="objects-of-log",
        LoggingConfig={"SystemLogLevel": "WARN", "ApplicationLogLevel": "ERROR"})
    updated("objects-of-log")
    well = Invoked("objects-of-log", {"word": "two"})
    assert well.log == "printed two\n", well.log
    failed = Invoked("objects-of-log", {"word": "three", "raise": True})
    kinds = [json.loads(line).get("type") for line in failed.log.splitlines() if line[0] == "{"]
    assert kinds[-1] == "platform.report", failed.log
    functions.delete_function(FunctionName="objects-of-log")
    logs.delete_log_group(logGroupName="/mine/all")
