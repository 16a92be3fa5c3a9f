"""Answers as they travelled, held against botocore's models."""

import json
import re
from xml.etree import ElementTree

# What any operation of these services may answer, without its model saying so.
COMMON = {
    "AccessDenied", "AuthorizationHeaderMalformed", "BadDigest", "EntityTooSmall",
    "EntityTooLarge", "IncompleteSignatureException", "InvalidAccessKeyId", "InvalidArgument",
    "InvalidBucketName", "InvalidClientTokenId", "InvalidDigest", "InvalidPart", "InvalidPartOrder", "InvalidRange",
    "InvalidRequest", "InvalidSignatureException", "MalformedXML", "MetadataTooLarge",
    "MethodNotAllowed", "MissingAuthenticationTokenException", "NoSuchBucket", "NoSuchKey",
    "NoSuchUpload", "NotImplemented", "PreconditionFailed", "RequestTimeTooSkewed",
    "SerializationException", "SignatureDoesNotMatch", "UnrecognizedClientException",
    "UnsupportedOperation", "ValidationException", "XAmzContentSHA256Mismatch",
    "BucketNotEmpty", "BucketAlreadyOwnedByYou", "RequestEntityTooLargeException",
    "304", "400", "403", "404", "412", "416",
}


class Wrong(AssertionError):
    """An answer that the model does not allow."""


def watch(client):
    """Checks each answer that this client gets, and counts the operations."""
    service = client.meta.service_model.service_id.hyphenize()
    client.meta.events.register(f"before-parse.{service}", _answered)
    client.meta.events.register(f"after-call.{service}", _parsed)


# Members that a model requires and the service leaves out.
LEFT_OUT = {"GetFunctionCodeSigningConfig": {"CodeSigningConfigArn", "FunctionName"}}

seen = {}


def _answered(operation_model, response_dict, **_):
    name = f"{operation_model.service_model.service_name}.{operation_model.name}"
    seen[name] = seen.get(name, 0) + 1
    shape, status = operation_model.output_shape, response_dict["status_code"]
    if status >= 300 or shape is None or not response_dict["body"]:
        return
    if shape.serialization.get("payload"):
        return  # The body is the object's or the function's own.
    protocol = operation_model.service_model.metadata["protocol"]
    if protocol in ("rest-xml", "query"):
        root = ElementTree.fromstring(response_dict["body"])
        if protocol == "query":
            root = next(part for part in root if part.tag.endswith("Result"))
        _element(shape, root, operation_model.name)
    else:
        _value(shape, json.loads(response_dict["body"]), operation_model.name)


def _parsed(model, parsed, **_):
    error = parsed.get("Error")
    if not error:
        return
    codes = {shape.error_code for shape in model.error_shapes} | COMMON
    codes |= {shape.name for shape in model.error_shapes}
    if error["Code"] not in codes:
        raise Wrong(f"{model.name} has no error {error['Code']}: {error.get('Message')}")
    if not parsed["ResponseMetadata"].get("RequestId") and model.service_model.service_name != "s3":
        raise Wrong(f"{model.name}: an error without a request id")


def _value(shape, value, place):
    kind = shape.type_name
    if kind == "structure":
        _is(value, dict, place)
        members = {member.serialization.get("name", name): member
                   for name, member in shape.members.items() if "location" not in member.serialization}
        for name, inner in value.items():
            if name not in members:
                raise Wrong(f"{place} has no member {name} (with {inner!r})")
            if inner is not None:
                _value(members[name], inner, f"{place}.{name}")
        for name in shape.required_members:
            there = name in value or name in LEFT_OUT.get(place, ())
            if "location" not in shape.members[name].serialization and not there:
                raise Wrong(f"{place} lacks {name}")
    elif kind == "list":
        _is(value, list, place)
        _length(shape, len(value), place)
        for inner in value:
            _value(shape.member, inner, f"{place}[]")
    elif kind == "map":
        _is(value, dict, place)
        for name, inner in value.items():
            _value(shape.key, name, f"{place} key")
            _value(shape.value, inner, f"{place}.{name}")
    elif kind in ("integer", "long"):
        _is(value, int, place)
        if kind == "integer" and not -2**31 <= value < 2**31:
            raise Wrong(f"{place}: {value} is no 32-bit integer")
        _within(shape, value, place)
    elif kind in ("float", "double"):
        _is(value, (int, float), place)
    elif kind == "boolean":
        _is(value, bool, place)
    elif kind == "timestamp":
        _is(value, (str, int, float), place)
    else:
        _is(value, str, place)
        _text(shape, value, place)


def _element(shape, element, place):
    kind = shape.type_name
    if kind == "structure":
        members = {}
        for name, member in shape.members.items():
            inner = member.member if member.type_name == "list" else member
            flat = member.type_name == "list" and member.serialization.get("flattened")
            tag = member.serialization.get("name", name)
            members[tag] = (inner if flat else member)
        for child in element:
            tag = child.tag.split("}")[-1]
            if tag not in members:
                raise Wrong(f"{place} has no element {tag}")
            _element(members[tag], child, f"{place}.{tag}")
    elif kind == "list":
        wanted = shape.member.serialization.get("name", "member")
        for child in element:
            tag = child.tag.split("}")[-1]
            if tag != wanted:
                raise Wrong(f"{place} is a list of {wanted}, not of {tag}")
            _element(shape.member, child, f"{place}[]")
    elif kind == "string":
        _text(shape, element.text or "", place)
    elif kind in ("integer", "long"):
        int(element.text)


def _is(value, kind, place):
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Wrong(f"{place}: {value!r} is of another type than the model says")


def _text(shape, value, place):
    if getattr(shape, "enum", None) and value not in shape.enum:
        raise Wrong(f"{place}: {value!r} is none of {shape.enum}")
    # Python's expressions lack the classes of characters that Java's have.
    pattern = re.sub(r"\\p\{[LNZ]\}", r"\\w\\s", shape.metadata.get("pattern", ""))
    if pattern and not re.fullmatch(pattern, value):
        raise Wrong(f"{place}: {value!r} does not match {pattern}")
    _length(shape, len(value), place)


def _length(shape, length, place):
    if length < shape.metadata.get("min", 0) or length > shape.metadata.get("max", length):
        raise Wrong(f"{place} is {length} long, which the model does not allow")


def _within(shape, value, place):
    if value < shape.metadata.get("min", value) or value > shape.metadata.get("max", value):
        raise Wrong(f"{place}: {value} is outside what the model allows")
