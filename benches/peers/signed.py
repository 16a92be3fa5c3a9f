"""HTTP on one connection that stays open, signed for AWS where it must be: as little as will do,
so that what is timed is the server."""

import hashlib
import hmac
import json
import socket
import time
from urllib.parse import quote, urlsplit

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"


class Keys:
    """A key pair that signs for one service."""

    def __init__(self, access, secret, region, service):
        self.access, self.secret = access, secret.encode()
        self.region, self.service = region, service
        self._of_day = (None, None)

    def _key(self, day):
        """The key of a day is derived once."""
        if self._of_day[0] != day:
            key = b"AWS4" + self.secret
            for word in (day, self.region, self.service, "aws4_request"):
                key = hmac.digest(key, word.encode(), "sha256")
            self._of_day = (day, key)
        return self._of_day[1]

    def headers(self, method, host, path, query, body_hash, now=None):
        """The headers that sign a request, by Signature Version 4."""
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(now))
        day = stamp[:8]
        signed = "host;x-amz-content-sha256;x-amz-date"
        canonical = (f"{method}\n{path}\n{query}\nhost:{host}\nx-amz-content-sha256:{body_hash}\n"
                     f"x-amz-date:{stamp}\n\n{signed}\n{body_hash}")
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}"
        signature = hmac.digest(self._key(day), to_sign.encode(), "sha256").hex()
        return (f"x-amz-date: {stamp}\r\nx-amz-content-sha256: {body_hash}\r\nauthorization: "
                f"{ALGORITHM} Credential={self.access}/{scope}, SignedHeaders={signed}, "
                f"Signature={signature}\r\n")


class Broken(Exception):
    """The other side did not answer as HTTP."""


class Connection:
    """One connection. Without keys nothing is signed."""

    def __init__(self, url, keys=None, room=1 << 16):
        place = urlsplit(url)
        self.host = place.netloc
        self.keys = keys
        self.socket = socket.create_connection((place.hostname, place.port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._room = memoryview(bytearray(room))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def ask(self, method, path, body=b"", query="", body_hash=None):
        """Status and body of the answer. The body is a view that the next answer overwrites."""
        signature = ""
        if self.keys:
            body_hash = body_hash or hashlib.sha256(body).hexdigest()
            signature = self.keys.headers(method, self.host, path, query, body_hash)
        target = f"{path}?{query}" if query else path
        head = (f"{method} {target} HTTP/1.1\r\nhost: {self.host}\r\n{signature}"
                f"content-length: {len(body)}\r\n\r\n").encode()
        if len(body) < 4096:
            self.socket.sendall(head + body)
        else:
            self.socket.sendall(head)
            self.socket.sendall(body)
        return self._answer()

    def _answer(self):
        room, filled, end = self._room, 0, -1
        while end < 0:
            if filled == len(room):
                raise Broken("the head of the answer is too long")
            count = self.socket.recv_into(room[filled:])
            if not count:
                raise Broken("the connection was closed before an answer")
            filled += count
            end = room.obj.find(b"\r\n\r\n", 0, filled)
        lines = room.obj[:end].decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ", 2)[1])
        length = 0
        for line in lines[1:]:
            name, _, value = line.partition(":")
            if name.lower() == "content-length":
                length = int(value)
            elif name.lower() == "transfer-encoding":
                raise Broken("an answer in chunks")
        start, whole = end + 4, end + 4 + length
        if whole > len(room):
            raise Broken(f"an answer of {length} bytes, which is more than is expected here")
        while filled < whole:
            count = self.socket.recv_into(room[filled:whole])
            if not count:
                raise Broken("the connection was closed within an answer")
            filled += count
        return status, room[start:whole]

    def ask_json(self, method, path, what=None, query="", wanted=(200, 201, 202, 204)):
        """The answer as data; anything but success ends the run."""
        body = b"" if what is None else json.dumps(what).encode()
        status, answer = self.ask(method, path, body, query)
        if status not in wanted:
            raise SystemExit(f"{method} {path}: {status} {bytes(answer).decode(errors='replace')}")
        return json.loads(bytes(answer)) if len(answer) else None


def named(name):
    """A name as a part of a path."""
    return quote(name, safe="-_.~")
