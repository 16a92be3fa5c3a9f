"""AWS Signature Version 4, computed once more: who signed, for what service, and whether rightly.

After "Create a signed AWS API request" in AWS's IAM user guide.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, unquote

AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[\w+/=-]+)/(?P<date>\d{8})/(?P<region>[a-z0-9-]+)/"
    r"(?P<service>[a-z0-9-]+)/aws4_request, ?SignedHeaders=(?P<signed>[a-z0-9;-]+), ?"
    r"Signature=(?P<signature>[0-9a-f]{64})$")
UNSIGNED = ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER")
SKEW = timedelta(minutes=15)


class Refused(Exception):
    """A request that AWS would not even look at."""


class Scope:
    """Where a request is meant to go by its signature."""

    def __init__(self, service, region):
        self.service, self.region = service, region


def _read(request):
    header = request.headers.get("authorization")
    if header is None:
        raise Refused("it is not signed")
    read = AUTHORIZATION.match(header)
    if read is None:
        raise Refused("its signature cannot be read")
    return read, Scope(read["service"], read["region"])


def check(request, keys):
    """The scope of a request whose signature is right under one of the keys (id to secret)."""
    read, found = _read(request)
    secret = keys.get(read["key"])
    if secret is None:
        raise Refused("its key is unknown")
    sent = request.headers.get("x-amz-date", "")
    try:
        when = datetime.strptime(sent, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise Refused(f"x-amz-date is {sent!r}") from None
    if abs(datetime.now(timezone.utc) - when) > SKEW or not sent.startswith(read["date"]):
        raise Refused("its time is not ours")
    signed = read["signed"].split(";")
    missing = {"host", "x-amz-date"} - set(signed)
    missing |= {name for name in request.headers if name.startswith("x-amz-")} - set(signed)
    if missing:
        raise Refused(f"not signed with it: {', '.join(sorted(missing))}")
    told = request.headers.get("x-amz-content-sha256")
    actual = hashlib.sha256(request.body).hexdigest()
    if found.service == "s3" and told is None:
        raise Refused("S3 wants x-amz-content-sha256")
    if told is not None and told not in UNSIGNED and told != actual:
        raise Refused("its body is not what was signed")
    canonical = _canonical(request, signed, told or actual, found.service)
    steps = (read["date"], found.region, found.service, "aws4_request")
    key = f"AWS4{secret}".encode()
    for step in steps:
        key = hmac.digest(key, step.encode(), "sha256")
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(("AWS4-HMAC-SHA256", sent, "/".join(steps), digest))
    if not hmac.compare_digest(hmac.digest(key, to_sign.encode(), "sha256").hex(), read["signature"]):
        raise Refused("its signature is wrong")
    return found


def _canonical(request, signed, payload, service):
    path, _, query = request.target.partition("?")
    # Every service but S3 takes the path as sent and encodes it once more.
    path = quote(unquote(path), safe="/~-_.") if service == "s3" else quote(path, safe="/~-_.")
    pairs = parse_qsl(query, keep_blank_values=True)
    pairs = sorted((quote(name, safe="~-_."), quote(value, safe="~-_.")) for name, value in pairs)
    values = [f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in signed]
    return "\n".join((request.method, path, "&".join(f"{a}={b}" for a, b in pairs),
                      "".join(values), ";".join(signed), payload))
