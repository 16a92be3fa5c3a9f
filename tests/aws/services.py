"""Which operation of which service a request is, by the models that botocore ships."""

import re
from functools import cache
from urllib.parse import parse_qsl

from botocore.loaders import Loader
from botocore.model import ServiceModel

# By the name that a request is signed for; and those who answer in one region only.
BY_SCOPE = {
    "account": "account", "budgets": "budgets", "ce": "ce", "ecr": "ecr", "iam": "iam",
    "lambda": "lambda", "logs": "logs", "monitoring": "cloudwatch", "pricing": "pricing",
    "resource-groups": "resource-groups", "s3": "s3", "servicequotas": "service-quotas",
    "sns": "sns", "states": "stepfunctions", "sts": "sts", "tagging": "resourcegroupstaggingapi",
}
ONE_REGION = {"iam": "us-east-1", "budgets": "us-east-1", "ce": "us-east-1",
              "account": "us-east-1"}
# Operations that have a newer name for the same request.
OLDER = {"GetBucketLifecycle", "PutBucketLifecycle", "GetBucketNotification",
         "PutBucketNotification", "ListDirectoryBuckets"}


class Unknown(Exception):
    """No operation is asked for like this."""


class Asked:
    """An operation, and the way in which it is asked for."""

    def __init__(self, model, operation, protocol, labels=None):
        self.service, self.operation, self.protocol = model.service_name, operation, protocol
        self.shape = operation.input_shape
        self.labels = labels or {}

    def __str__(self):
        return f"{self.service}:{self.operation.name}"


@cache
def model(name):
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def recognise(request, scope):
    """The operation that is asked for."""
    if scope.service not in BY_SCOPE:
        raise Unknown(f"it is signed for {scope.service!r}, which is no service known here")
    found = model(BY_SCOPE[scope.service])
    wanted = ONE_REGION.get(found.service_name)
    if wanted not in (None, scope.region):
        raise Unknown(f"{found.service_name} is signed for in {wanted}, not in {scope.region}")
    spoken = found.metadata.get("protocols") or [found.metadata["protocol"]]
    protocol = _protocol(request, spoken)
    if protocol not in spoken:
        raise Unknown(f"{found.service_name} speaks {', '.join(spoken)}, not {protocol}")
    if protocol.startswith("rest-"):
        return _by_path(request, found, protocol)
    name = _name(request, found, protocol)
    if name not in found.operation_names:
        raise Unknown(f"{found.service_name} has no operation {name!r}")
    if request.method != "POST":
        raise Unknown(f"{request.method} where {protocol} has POST only")
    return Asked(found, found.operation_model(name), protocol)


def _protocol(request, spoken):
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "smithy-rpc-v2-cbor"
    if "x-amz-target" in request.headers:
        return "json"
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded") and "query" in spoken:
        return "query"
    return next((protocol for protocol in spoken if protocol.startswith("rest-")), "nothing known")


def _name(request, found, protocol):
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    metadata = found.metadata
    if protocol == "query":
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if fields.get("Version") != metadata["apiVersion"]:
            raise Unknown(f"Version is {fields.get('Version')!r}, not {metadata['apiVersion']!r}")
        return fields.get("Action")
    if protocol == "json":
        wanted = f"application/x-amz-json-{metadata['jsonVersion']}"
        if kind != wanted:
            raise Unknown(f"content-type is {kind!r}, not {wanted!r}")
        target, _, name = request.headers["x-amz-target"].partition(".")
        if target != metadata["targetPrefix"]:
            raise Unknown(f"x-amz-target begins {target!r}, not {metadata['targetPrefix']!r}")
        return name
    read = re.fullmatch(r"/service/(\w+)/operation/(\w+)", request.target)
    if read is None or read[1] != metadata["targetPrefix"]:
        raise Unknown(f"{request.target} is no path of rpc-v2-cbor")
    if request.body and kind != "application/cbor":
        raise Unknown(f"content-type is {kind!r}, not 'application/cbor'")
    return read[2]


class Route:
    """How one operation of a REST service is asked for."""

    def __init__(self, operation):
        path, _, query = operation.http["requestUri"].partition("?")
        labels = re.split(r"(\{[^}]+\})", path)
        self.path = re.compile("".join(self._part(label) for label in labels) + "/?")
        self.literals = sum(1 for label in labels if label and not label.startswith("{"))
        self.query = dict(parse_qsl(query, keep_blank_values=True))
        self.operation = operation
        shape = operation.input_shape
        self.needed = []
        for name in shape.required_members if shape else []:
            how = shape.members[name].serialization
            if how.get("location") in ("querystring", "header"):
                self.needed.append((how["location"], how["name"].lower()))

    @staticmethod
    def _part(label):
        if not label.startswith("{"):
            return re.escape(label)
        name = label.strip("{}")
        return f"(?P<{name.rstrip('+')}>{'.+' if name.endswith('+') else '[^/]+'})"

    def fits(self, request, path, query):
        """The labels, and how well it fits; none where it does not."""
        read = self.path.fullmatch(path)
        if read is None or request.method != self.operation.http["method"]:
            return None
        if any(query.get(name) != value for name, value in self.query.items()):
            return None
        lower = {name.lower() for name in query}
        there = [name in (lower if where == "querystring" else request.headers)
                 for where, name in self.needed]
        known = sum(1 for name in query if self.takes(name))
        fit = (len(self.query), all(there), sum(there), known, self.literals)
        return fit, read.groupdict()

    def takes(self, parameter):
        shape = self.operation.input_shape
        return shape is not None and any(
            member.serialization.get("location") == "querystring"
            and member.serialization["name"] == parameter for member in shape.members.values())


@cache
def routes(name):
    found = model(name)
    names = [name for name in found.operation_names if name not in OLDER]
    return [Route(found.operation_model(name)) for name in names]


def _by_path(request, found, protocol):
    path, _, query = request.target.partition("?")
    query = dict(parse_qsl(query, keep_blank_values=True))
    fitting = []
    for route in routes(found.service_name):
        fits = route.fits(request, path, query)
        if fits is not None:
            fitting.append((fits[0], route, fits[1]))
    if not fitting:
        raise Unknown(f"{found.service_name} has no {request.method} {path}")
    _, route, labels = max(fitting, key=lambda one: one[0])
    said = query.get("x-id")
    if said not in (None, route.operation.name):
        raise Unknown(f"it calls itself {said}, and is {route.operation.name}")
    return Asked(found, route.operation, protocol, labels)
