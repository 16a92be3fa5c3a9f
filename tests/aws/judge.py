#!/usr/bin/env python3
"""A judge between a client of the AWS APIs and a server of them, on loopback.

    tests/aws/judge.py UPSTREAM [PORT [REGISTRY]]

Every request is recognised, read and held against the model that botocore ships for its service,
and against what AWS documents beyond the models; it must be signed, and rightly. What is wrong is
remembered and the request is passed on, so that one run finds all; what is not signed is refused.
On its way a request can meet a fault: an error of the service's own shape, a connection that is cut
before the request was carried out, or after. It prints its address; when its standard input ends
it prints what it counted, and exits with 1 if it found a fault. UPSTREAM is a URL, such as
http://127.0.0.1:4566; the key is AKIAIOSFODNN7EXAMPLE, its secret not-a-secret. REGISTRY is the URL of
a registry as registry.py serves one, to which whoever asks ECR for a password is sent.
"""

import base64
import hashlib
import http.client
import json
import signal
import sys
import threading
import uuid
import zlib
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import cbor
import checking
import limits
import registry
import services
import signature
from reading import Reading

KEYS = {"AKIAIOSFODNN7EXAMPLE": "not-a-secret"}
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect"}

# What can happen to a request. An answer that is lost was carried out.
FAULTS = ("broken", "throttled", "cut", "lost")


class Request:
    """A request as it came."""

    def __init__(self, method, target, headers, body):
        self.method, self.target, self.body = method, target, body
        self.raw_headers = headers
        self.headers = {name.lower(): value for name, value in headers}

    def payload(self):
        """What is meant, without the framing of an upload in chunks; and its trailers."""
        if "aws-chunked" not in self.headers.get("content-encoding", ""):
            return self.body, {}
        rest, found = self.body, []
        while True:
            head, _, rest = rest.partition(b"\r\n")
            size = int(head.partition(b";")[0], 16)
            if size == 0:
                break
            found.append(rest[:size])
            rest = rest[size + 2:]
        lines = [line.partition(":") for line in rest.decode().split("\r\n") if line]
        return b"".join(found), {name.strip().lower(): value.strip() for name, _, value in lines}


class Judge:
    """What is known of all requests so far; and the server, for as long as the block lasts."""

    def __init__(self, upstream, port=0, images=None):
        self.upstream, self.images = urlsplit(upstream).netloc, images
        self.lock = threading.Lock()
        self.count, self.faults, self.seen, self.policies = Counter(), [], [], []
        self.total, self.plan, self.injected, self.each = 0, None, [], None
        judge = self

        class Handler(_Handler):
            pass

        Handler.judge = judge
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def inject(self, fault, at):
        """Lets the request with this number, counted from one from here on, meet a fault."""
        with self.lock:
            self.total, self.plan, self.injected, self.seen = 0, (fault, at), [], []

    def inject_into(self, fault, operation, numbers):
        """Lets the calls of an operation with these numbers, counted from one from here on, meet a
        fault."""
        with self.lock:
            self.each, self.injected = (fault, operation, set(numbers), Counter()), []

    def examine(self, request):
        """The operation, and the fault that the request is to meet; raises what is refused."""
        scope = signature.check(request, KEYS)
        asked, wrong = None, []
        try:
            asked = services.recognise(request, scope)
            wrong = self._hold(request, asked, scope)
        except services.Unknown as unknown:
            wrong = [str(unknown)]
        name = str(asked) if asked else f"{scope.service}:?"
        with self.lock:
            self.total += 1
            self.count[name] += 1
            self.seen.append(name)
            told = [f"{name}: {why}" for why in wrong]
            self.faults += [fault for fault in told if fault not in self.faults]
            if self.each is not None and name == self.each[1]:
                fault, _, numbers, seen = self.each
                seen[name] += 1
                if seen[name] in numbers:
                    self.injected.append((fault, name))
                    return asked, fault
            if self.plan is None or self.total != self.plan[1]:
                return asked, None
            self.injected.append((self.plan[0], name))
            return asked, self.plan[0]

    def _hold(self, request, asked, scope):
        payload, trailers = request.payload()
        reading = Reading(request, asked, payload, trailers)
        found = list(reading.faults)
        found += checking.check(asked.shape, reading.values)
        found += limits.check(asked, scope, reading.values)
        found += checksums(request, asked, payload, trailers)
        for member in ("PolicyDocument", "Policy", "policyText"):
            if isinstance(reading.values.get(member), str) and not asked.operation.name.startswith("Simul"):
                with self.lock:
                    self.policies.append((str(asked), reading.values[member]))
        return found

    def refuse(self, why):
        with self.lock:
            self.count["refused"] += 1
            self.faults.append(f"refused: {why}")

    def table(self):
        """Requests per operation, one a line."""
        width = max(map(len, self.count), default=0)
        return "\n".join(f"{name:{width}} {number:6}" for name, number in sorted(self.count.items()))


def checksums(request, asked, payload, trailers):
    """Those that are there must be right; where the model wants one, one must be there."""
    declared = asked.operation.http_checksum or {}
    needs = declared.get("requestChecksumRequired") or asked.operation.http_checksum_required
    methods = {
        "content-md5": lambda: hashlib.md5(payload).digest(),
        "x-amz-checksum-crc32": lambda: zlib.crc32(payload).to_bytes(4, "big"),
        "x-amz-checksum-sha1": lambda: hashlib.sha1(payload).digest(),
        "x-amz-checksum-sha256": lambda: hashlib.sha256(payload).digest(),
    }
    said = {**request.headers, **trailers}
    found = {name for name in said if name.startswith("x-amz-checksum-") or name == "content-md5"}
    found -= {"x-amz-checksum-mode", "x-amz-checksum-type", "x-amz-checksum-algorithm"}
    if needs and not found:
        yield "a checksum of the body is required"
    for name in found & set(methods):
        if said[name] != base64.b64encode(methods[name]()).decode():
            yield f"{name} is not that of the body"


def error(asked, request, kind, status, code, message):
    """An answer in the shape that the service's errors have."""
    identity = str(uuid.uuid4())
    protocol = asked.protocol if asked else "rest-json"
    headers = {"x-amzn-requestid": identity}
    if protocol == "rest-xml":
        body = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{identity}</RequestId></Error>"
        headers["content-type"] = "application/xml"
    elif protocol == "query":
        who = "Sender" if status < 500 else "Receiver"
        body = (f"<ErrorResponse><Error><Type>{who}</Type><Code>{code}</Code><Message>{message}"
                f"</Message></Error><RequestId>{identity}</RequestId></ErrorResponse>")
        headers["content-type"] = "text/xml"
    elif protocol == "smithy-rpc-v2-cbor":
        body = cbor.encode({"__type": code, "message": message})
        headers |= {"content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    else:
        body = json.dumps({"__type": code, "message": message})
        headers |= {"content-type": "application/json", "x-amzn-errortype": code}
    return status, headers, body.encode() if isinstance(body, str) else body


# How services say that they are broken, or asked too often.
BROKEN = {"rest-xml": (500, "InternalError"), "rest-json": (500, "ServiceException"),
          "query": (500, "InternalFailure"), "json": (500, "InternalServerError")}
THROTTLED = {"rest-xml": (503, "SlowDown"), "rest-json": (429, "TooManyRequestsException"),
             "query": (400, "Throttling"), "json": (400, "ThrottlingException")}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 64 * 1024  # Head and body leave together.
    judge = None
    upstream = None

    def handle_one_request(self):
        try:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline:
                self.close_connection = True
                return
            if self.parse_request():
                self._judged()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def finish(self):
        if self.upstream is not None:
            self.upstream.close()
        try:
            super().finish()
        except OSError:
            pass  # The client has left.

    def handle_expect_100(self):
        more = super().handle_expect_100()
        self.wfile.flush()
        return more

    def _judged(self):
        request = Request(self.command, self.path, self.headers.items(), self._body())
        try:
            asked, fault = self.judge.examine(request)
        except signature.Refused as refused:
            self.judge.refuse(f"{request.method} {request.target.partition('?')[0]}: {refused}")
            self._answer(*error(None, request, None, 403, "InvalidSignatureException", str(refused)))
            return
        if fault == "cut":
            self.close_connection = True
            return
        if fault in ("broken", "throttled"):
            shapes = BROKEN if fault == "broken" else THROTTLED
            status, code = shapes.get(asked.protocol if asked else "json", shapes["json"])
            self._answer(*error(asked, request, fault, status, code, "injected by the judge"))
            return
        answer = self._carried_out(request)
        if self.judge.images and str(asked) == "ecr:GetAuthorizationToken":
            answer = led_to(self.judge.images, answer)
        if fault == "lost":
            self.close_connection = True
            return
        self._answer(*answer)

    def _body(self):
        if "chunked" in self.headers.get("transfer-encoding", ""):
            parts = []
            while size := int(self.rfile.readline().partition(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("content-length") or 0))

    def _carried_out(self, request):
        """The server's answer. A kept connection may have died in the meantime: then once more."""
        headers = {name: value for name, value in request.raw_headers
                   if name.lower() not in HOP_BY_HOP | {"content-length"}}
        headers["Content-Length"] = str(len(request.body))
        for fresh in (False, True):
            if self.upstream is None or fresh:
                self.upstream = http.client.HTTPConnection(self.judge.upstream, timeout=300)
            try:
                self.upstream.putrequest(request.method, request.target, skip_host=True,
                                         skip_accept_encoding=True)
                for name, value in headers.items():
                    self.upstream.putheader(name, value)
                self.upstream.endheaders(request.body)
                answer = self.upstream.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.upstream.close()
                if fresh:
                    raise ConnectionError("the server behind the judge does not answer") from None

    def _answer(self, status, headers, body):
        bodiless = self.command == "HEAD" or status in (204, 304)
        kept = {name: value for name, value in headers.items() if name.lower() not in HOP_BY_HOP}
        if self.command != "HEAD":
            kept = {name: value for name, value in kept.items() if name.lower() != "content-length"}
            if not bodiless:
                kept["Content-Length"] = str(len(body))
        self.send_response_only(status)
        for name, value in kept.items():
            self.send_header(name, value)
        self.end_headers()
        if not bodiless:
            self.wfile.write(body)
        self.wfile.flush()


def led_to(images, answer):
    """The answer of a server of ECR's API that has no registry, with the way to one that is."""
    status, headers, body = answer
    body = json.loads(body)
    for data in body.get("authorizationData", []):
        data |= {"proxyEndpoint": images, "authorizationToken": registry.TOKEN}
    return status, headers, json.dumps(body).encode()


def obey(judge):
    """What is told on standard input, until it ends: `inject FAULT N`, answered with `ready`;
    `sent`, answered with how many requests there were since, and by which name the fault met one."""
    for line in sys.stdin:
        match line.split():
            case ["inject", fault, number] if fault in (*FAULTS, "none"):
                judge.inject(fault, int(number))
                print("ready", flush=True)
            case ["sent"]:
                met = " ".join(name for _, name in judge.injected)
                print(judge.total, met, flush=True)
            case _:
                raise SystemExit(f"not understood: {line.strip()}")


def main():
    if not 2 <= len(sys.argv) <= 4:
        raise SystemExit(__doc__)
    # Whoever started the judge hears of it through its input's end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    upstream, *rest = sys.argv[1:]
    port, images = int(rest[0]) if rest else 0, rest[1] if len(rest) == 2 else None
    with Judge(upstream, port, images) as judge:
        print(judge.url, flush=True)
        obey(judge)
    print(judge.table())
    for fault in judge.faults:
        print(f"FAULT: {fault}")
    print(f"{sum(judge.count.values())} requests, {len(judge.faults)} faults")
    return 1 if judge.faults else 0


if __name__ == "__main__":
    sys.exit(main())
