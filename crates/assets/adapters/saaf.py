"""Calls a function that was written for SAAF and FaaS Runner, unaltered: function(request, context).

Written into the package by photofinish. What the function returns counts if it says how large the
picture is; else the object that it wrote is looked at once, which takes one request to S3.
"""
import importlib
import json

from photofinish_places import look

SETTINGS = json.loads(@SETTINGS@)
function = getattr(importlib.import_module(SETTINGS["module"]), SETTINGS["function"])
client = None


def lambda_handler(event, context):
    request = dict(event)
    request.update({theirs: event[ours] for theirs, ours in SETTINGS["request"].items()})
    request.update(SETTINGS["parameters"])
    said = function(request, context)
    place = {"bucket": event["output_bucket"], "key": event["output_key"]}
    wanted = ("content_type", "width", "height")
    if isinstance(said, dict) and all(name in said for name in wanted):
        return place | {name: said[name] for name in wanted}
    return place | dict(zip(wanted, written(place)))


def written(place):
    global client
    if client is None:
        import boto3

        client = boto3.client("s3")
    found = client.get_object(Bucket=place["bucket"], Key=place["key"])
    _, width, height = look(found["Body"].read())
    return found["ContentType"], width, height
