"""What a request says, as values under the model's own names, whatever protocol it is written in.

What the model does not know is a fault, and so is a value that cannot be read as what it should be.
"""

import base64
import binascii
import json
import re
import xml.etree.ElementTree as xml
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, unquote

import cbor

# Headers of the signature, the SDK and the transport, which no operation declares.
OF_NO_OPERATION = {
    "x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-user-agent",
    "x-amz-target", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-api-version",
}
INTEGER = re.compile(r"-?\d+")
MOST = {"integer": 2**31 - 1, "long": 2**63 - 1}


class Reading:
    """One request as it is read; faults are gathered, not raised."""

    def __init__(self, request, asked, payload, trailers):
        self.request, self.asked, self.payload = request, asked, payload
        self.trailers, self.faults, self.values = trailers, [], {}
        shape = asked.shape
        try:
            if asked.protocol.startswith("rest-"):
                self._rest(shape)
            elif asked.protocol == "query":
                self._query(shape)
            elif asked.protocol == "json":
                self.values = self._json(shape, self._loads(payload), "")
            else:
                self.values = self._cbor(shape, cbor.decode(payload) if payload else {}, "")
        except (ValueError, xml.ParseError) as error:
            self.fault("the body", f"cannot be read: {error}")

    def fault(self, at, why):
        self.faults.append(f"{at or 'the request'} {why}")

    def _loads(self, text):
        def unique(pairs):
            if len({name for name, _ in pairs}) != len(pairs):
                raise ValueError("a member is there twice")
            return dict(pairs)
        return json.loads(text or "{}", object_pairs_hook=unique)

    # The REST protocols: labels, query, headers and what is left for the body.

    def _rest(self, shape):
        query = parse_qsl(self.request.target.partition("?")[2], keep_blank_values=True)
        literal = {part.partition("=")[0]
                   for part in self.asked.operation.http["requestUri"].partition("?")[2].split("&")}
        left = [name for name, _ in query if name not in literal | {"x-id"}]
        headers = {name for name in [*self.request.headers, *self.trailers]
                   if name.startswith("x-amz-") and name not in OF_NO_OPERATION}
        for name, member in (shape.members if shape else {}).items():
            how = member.serialization
            where, wire = how.get("location"), how.get("name", name)
            if where == "uri":
                self.values[name] = self._text(member, unquote(self.asked.labels[name_of(wire)]), name)
            elif where == "querystring":
                said = [value for key, value in query if key == wire]
                left = [key for key in left if key != wire]
                if member.type_name == "list" and said:
                    self.values[name] = [self._text(member.member, one, name) for one in said]
                elif said:
                    self.values[name] = self._text(member, said[0], name)
                if len(said) > 1 and member.type_name != "list":
                    self.fault(name, "is in the query more than once")
            elif where == "header":
                headers.discard(wire.lower())
                said = self.request.headers.get(wire.lower(), self.trailers.get(wire.lower()))
                if said is not None:
                    self.values[name] = self._header(member, said, name)
            elif where == "headers":
                said = {header[len(wire):]: value for header, value in self.request.headers.items()
                        if header.startswith(wire.lower())}
                headers = {header for header in headers if not header.startswith(wire.lower())}
                if said:
                    self.values[name] = said
        if (self.asked.operation.http_checksum or {}).get("requestAlgorithmMember"):
            headers = {name for name in headers if not name.startswith("x-amz-checksum-")}
        for name in sorted(left):
            self.fault(name, "is in the query, and no member")
        for name in sorted(headers):
            self.fault(name, "is a header, and no member")
        self._rest_body(shape)

    def _rest_body(self, shape):
        payload = shape.serialization.get("payload") if shape else None
        if payload is None:
            inside = {name for name, member in (shape.members if shape else {}).items()
                      if "location" not in member.serialization}
            if self.payload and not inside:
                self.fault("the body", "is there, and the operation has none")
            elif self.payload and self.asked.protocol == "rest-json":
                self._is("application/json")
                self.values |= self._json(shape, self._loads(self.payload), "", inside)
            elif self.payload:
                self.values |= self._xml(shape, self._root(shape.serialization, shape.name), "")
            return
        member = shape.members[payload]
        if member.type_name in ("blob", "string"):
            if self.payload or member.type_name == "blob":
                self.values[payload] = self.payload
        elif self.payload and self.asked.protocol == "rest-json":
            self._is("application/json")
            self.values[payload] = self._json(member, self._loads(self.payload), payload)
        elif self.payload:
            root = self._root(member.serialization, payload)
            self.values[payload] = self._xml(member, root, payload)

    def _is(self, wanted):
        kind = self.request.headers.get("content-type", "").split(";")[0].strip()
        if kind != wanted:
            self.fault("content-type", f"is {kind!r}, not {wanted!r}")

    def _header(self, member, said, at):
        if member.serialization.get("jsonvalue"):
            return base64.b64decode(said, validate=True).decode()
        if member.type_name == "list":
            return [self._text(member.member, one.strip(), at) for one in said.split(",")]
        return self._text(member, said, at, date="rfc822")

    # XML

    def _root(self, how, name):
        root = xml.fromstring(self.payload)
        self.namespace = how.get("xmlNamespace", {}).get("uri")
        if self.namespace is None:
            self.namespace = self.asked.operation.metadata.get("xmlNamespace", {}).get("uri", "")
        wanted = how.get("name", name)
        space, tag = split(root.tag)
        if tag != wanted:
            self.fault("the body", f"is <{tag}>, not <{wanted}>")
        if self.namespace and space != self.namespace:
            self.fault("the body", f"is in the namespace {space!r}, not {self.namespace!r}")
        return root

    def _xml(self, shape, element, at):
        kind = shape.type_name
        if kind == "structure":
            return self._xml_structure(shape, element, at)
        if kind == "list":
            name = shape.member.serialization.get("name", "member")
            for child in element:
                if split(child.tag)[1] != name:
                    self.fault(at, f"has <{split(child.tag)[1]}>, not <{name}>")
            return [self._xml(shape.member, child, f"{at}[{n}]") for n, child in enumerate(element)]
        return self._text(shape, element.text or "", at)

    def _xml_structure(self, shape, element, at):
        found, children = {}, {}
        for child in element:
            children.setdefault(split(child.tag)[1], []).append(child)
        for name, member in shape.members.items():
            how, inner = member.serialization, f"{at}.{name}".lstrip(".")
            wire = how.get("name", name)
            if how.get("location"):
                continue
            if how.get("xmlAttribute"):
                value = element.get("{http://www.w3.org/2001/XMLSchema-instance}type")
                if value is not None:
                    found[name] = value
                continue
            if member.type_name == "list" and how.get("flattened"):
                some = children.pop(member.member.serialization.get("name", wire), None)
                some = some or children.pop(wire, [])
                if some:
                    found[name] = [self._xml(member.member, one, f"{inner}[{n}]")
                                   for n, one in enumerate(some)]
                continue
            some = children.pop(wire, [])
            if len(some) > 1:
                self.fault(inner, "is there twice")
            if some:
                found[name] = self._xml(member, some[0], inner)
        for name in children:
            self.fault(f"{at}.{name}".lstrip("."), "is no member")
        return found

    # The query protocol: names with dots, numbered from one.

    def _query(self, shape):
        pairs = parse_qsl(self.payload.decode(), keep_blank_values=True, strict_parsing=True)
        fields = dict(pairs)
        if len(fields) != len(pairs):
            self.fault("the body", "has a name twice")
        fields.pop("Action", None)
        fields.pop("Version", None)
        if shape is not None:
            self.values = self._form(shape, "", fields) or {}
        for name in fields:
            self.fault(name, "is no member")

    def _form(self, shape, prefix, fields):
        """The value below a prefix; what is read is taken out of the fields."""
        kind = shape.type_name
        if kind == "structure":
            found = {}
            for name, member in shape.members.items():
                wire = prefix + member.serialization.get("name", name)
                value = self._form(member, wire + ("." if is_inner(member) else ""), fields)
                if value is not None:
                    found[name] = value
            return found or None
        if kind == "list":
            if not shape.serialization.get("flattened"):
                prefix += shape.member.serialization.get("name", "member") + "."
            return self._numbered(prefix, fields, lambda at: self._form(
                shape.member, at + ("." if is_inner(shape.member) else ""), fields))
        if kind == "map":
            if not shape.serialization.get("flattened"):
                prefix += "entry."
            key, value = (part.serialization.get("name", name)
                          for part, name in ((shape.key, "key"), (shape.value, "value")))
            pairs = self._numbered(prefix, fields, lambda at: (
                fields.pop(f"{at}.{key}", None), self._form(shape.value, f"{at}.{value}", fields)))
            return None if pairs is None else dict(pairs)
        text = fields.pop(prefix, None)
        return None if text is None else self._text(shape, text, prefix)

    def _numbered(self, prefix, fields, read):
        numbers = {name[len(prefix):].partition(".")[0] for name in fields if name.startswith(prefix)}
        if not numbers:
            # An empty list is the name alone.
            return [] if fields.pop(prefix.removesuffix("member.").rstrip("."), None) == "" else None
        count = len(numbers)
        if numbers != {str(n) for n in range(1, count + 1)}:
            self.fault(prefix, f"is numbered {sorted(numbers)}")
            return None
        return [read(f"{prefix}{n}") for n in range(1, count + 1)]

    # What is text, and what it should be.

    def _text(self, shape, text, at, date="iso8601"):
        kind = shape.type_name
        if kind in MOST:
            if not INTEGER.fullmatch(text) or abs(int(text)) > MOST[kind]:
                self.fault(at, f"is {text!r}, no {kind}")
                return None
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "boolean":
            if text not in ("true", "false"):
                self.fault(at, f"is {text!r}, neither true nor false")
            return text == "true"
        if kind == "blob":
            return self._base64(text, at)
        if kind == "timestamp":
            return self._time(text, shape.serialization.get("timestampFormat", date), at)
        if kind != "string":
            self.fault(at, f"is a text where a {kind} belongs")
        return text

    def _time(self, text, form, at):
        try:
            if form == "unixTimestamp":
                return datetime.fromtimestamp(float(text))
            if form == "rfc822":
                return parsedate_to_datetime(text)
            return datetime.fromisoformat(text.replace("Z", "+00:00"))
        except ValueError:
            self.fault(at, f"is {text!r}, no time as {form}")
            return None

    def _base64(self, text, at):
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self.fault(at, "is not base64")
            return None

    # JSON and CBOR

    def _json(self, shape, value, at, only=None):
        return self._tree(shape, value, at, only, binary=False)

    def _cbor(self, shape, value, at):
        return self._tree(shape, value, at, None, binary=True) if shape else {}

    def _tree(self, shape, value, at, only, binary):
        if shape is None:
            if value:
                self.fault(at, "has members, and the operation has none")
            return {}
        kind = shape.type_name
        if value is None:
            self.fault(at, "is null")
            return None
        if kind == "structure":
            if getattr(shape, "is_document_type", False):
                return value
            return self._structure(shape, value, at, only, binary)
        if kind == "list" and isinstance(value, list):
            return [self._tree(shape.member, one, f"{at}[{n}]", None, binary)
                    for n, one in enumerate(value)]
        if kind == "map" and isinstance(value, dict):
            return {self._text(shape.key, key, at): self._tree(shape.value, one, f"{at}[{key}]", None, binary)
                    for key, one in value.items()}
        return self._leaf(kind, shape, value, at, binary)

    def _structure(self, shape, value, at, only, binary):
        if not isinstance(value, dict):
            self.fault(at, f"is {value!r}, no structure")
            return {}
        names = {}
        for name, member in shape.members.items():
            if only is None or name in only:
                names[name if binary else member.serialization.get("name", name)] = name
        found = {}
        for wire, one in value.items():
            inner = f"{at}.{wire}".lstrip(".")
            name = names.get(wire)
            if name is None:
                self.fault(inner, "is no member")
            else:
                found[name] = self._tree(shape.members[name], one, inner, None, binary)
        return found

    def _leaf(self, kind, shape, value, at, binary):
        right = {
            "string": isinstance(value, str),
            "integer": is_whole(value) and abs(value) <= MOST["integer"],
            "long": is_whole(value) and abs(value) <= MOST["long"],
            "float": is_number(value), "double": is_number(value),
            "boolean": isinstance(value, bool),
            "blob": isinstance(value, bytes if binary else str),
            "timestamp": isinstance(value, datetime) if binary else is_time(shape, value),
        }.get(kind, False)
        if not right:
            self.fault(at, f"is {value!r}, no {kind}")
            return None
        return self._base64(value, at) if kind == "blob" and not binary else value


def is_inner(shape):
    return shape.type_name in ("structure", "list", "map")


def is_whole(value):
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value):
    return is_whole(value) or isinstance(value, float) or value in ("NaN", "Infinity", "-Infinity")


def is_time(shape, value):
    if shape.serialization.get("timestampFormat") == "iso8601":
        return isinstance(value, str)
    return is_whole(value) or isinstance(value, float)


def name_of(wire):
    return wire.rstrip("+")


def split(tag):
    """An element's namespace and name."""
    space, _, name = tag.rpartition("}")
    return space.lstrip("{"), name
