"""CBOR (RFC 8949), as far as Smithy's rpc-v2-cbor protocol has it."""

import struct
from datetime import datetime, timezone

BREAK = object()
SIMPLE = {20: False, 21: True, 22: None, 23: None, 31: BREAK}
FLOATS = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}


def decode(data):
    """The one item that these bytes are."""
    value, end = _item(data, 0)
    if end != len(data):
        raise ValueError(f"{len(data) - end} bytes after the end")
    return value


def _take(data, at, count):
    if at + count > len(data):
        raise ValueError("it ends too early")
    return data[at:at + count], at + count


def _argument(data, at, info):
    """The number in an item's head; none where the item's length is not given."""
    if info < 24:
        return info, at
    if info in (24, 25, 26, 27):
        taken, at = _take(data, at, 1 << (info - 24))
        return int.from_bytes(taken, "big"), at
    if info == 31:
        return None, at
    raise ValueError(f"{info} is no length")


def _item(data, at):
    (head,), at = _take(data, at, 1)
    major, info = head >> 5, head & 31
    if major == 7:
        return _simple(data, at, info)
    number, at = _argument(data, at, info)
    if major in (0, 1):
        if number is None:
            raise ValueError("a number without an end")
        return (number if major == 0 else -1 - number), at
    if major in (2, 3):
        return _string(data, at, number, major)
    if major == 4:
        return _items(data, at, number)
    if major == 5:
        return _map(data, at, number)
    value, at = _item(data, at)
    if number == 1:
        if not isinstance(value, (int, float)):
            raise ValueError(f"a time that is {value!r}")
        return datetime.fromtimestamp(value, timezone.utc), at
    raise ValueError(f"tag {number} is none of the protocol's")


def _simple(data, at, info):
    if info in FLOATS:
        form, size = FLOATS[info]
        taken, at = _take(data, at, size)
        return struct.unpack(form, taken)[0], at
    if info in SIMPLE:
        return SIMPLE[info], at
    raise ValueError(f"simple value {info}")


def _string(data, at, number, major):
    if number is None:
        parts, at = _items(data, at, None)
        joined = (b"" if major == 2 else "").join(parts)
        return joined, at
    taken, at = _take(data, at, number)
    return (taken if major == 2 else taken.decode()), at


def _items(data, at, number):
    found = []
    while number is None or len(found) < number:
        value, at = _item(data, at)
        if value is BREAK:
            if number is not None:
                raise ValueError("a break where none may be")
            break
        found.append(value)
    return found, at


def _map(data, at, number):
    found = {}
    while number is None or len(found) < number:
        key, at = _item(data, at)
        if key is BREAK and number is None:
            break
        if not isinstance(key, str) or key in found:
            raise ValueError(f"a key that is {key!r}, or twice there")
        found[key], at = _item(data, at)
    return found, at


def encode(value):
    """A map of texts, which is all that an error needs."""
    def text(string):
        raw = string.encode()
        return struct.pack(">BH", 0x79, len(raw)) + raw
    pairs = b"".join(text(key) + text(some) for key, some in value.items())
    return bytes([0xA0 | len(value)]) + pairs
