"""Calls a function that was written for SeBS, unaltered: handler(event), with SeBS's storage.

Written into the package by photofinish.
"""
import importlib
import json

from photofinish_places import look

SETTINGS = json.loads(@SETTINGS@)
module = importlib.import_module("function." + SETTINGS["module"])
storage = importlib.import_module("function.storage").storage.get_instance()
function = getattr(module, SETTINGS["function"])


def lambda_handler(event, context):
    storage.begin(event["output_bucket"], event["output_key"])
    function(
        {
            "request-id": context.aws_request_id,
            "bucket": {"bucket": event["bucket"], "input": "", "output": ""},
            "object": {"key": event["key"]} | SETTINGS["parameters"],
        }
    )
    place = {"bucket": event["output_bucket"], "key": event["output_key"]}
    if storage.written is None:
        return place | {"content_type": "application/octet-stream", "width": 0, "height": 0}
    content_type, width, height = look(storage.written)
    return place | {"content_type": content_type, "width": width, "height": height}
