"""Reads and writes PNG with zlib alone, all five filters undone by hand.

layers: none
"""
import struct
import zlib

import boto3

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"

TABLE = [min((code * 255 + 511) // 1023, 255) for code in range(1 << 16)]


def chunks(data):
    at = 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += length + 12


def chunk(kind, data):
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def paeth(left, above, corner):
    guess = left + above - corner
    a, b, c = abs(guess - left), abs(guess - above), abs(guess - corner)
    if a <= b and a <= c:
        return left
    return above if b <= c else corner


def undo(kind, row, above, step):
    """The bytes of a row from what its filter made of them."""
    if kind == 1:
        for at in range(step, len(row)):
            row[at] = (row[at] + row[at - step]) & 255
    elif kind == 2:
        row[:] = bytes((this + up) & 255 for this, up in zip(row, above))
    elif kind == 3:
        for at in range(len(row)):
            left = row[at - step] if at >= step else 0
            row[at] = (row[at] + (left + above[at]) // 2) & 255
    elif kind == 4:
        for at in range(len(row)):
            left, corner = (row[at - step], above[at - step]) if at >= step else (0, 0)
            row[at] = (row[at] + paeth(left, above[at], corner)) & 255
    return row


def narrow(body):
    parts = list(chunks(body))
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", parts[0][1])
    if (depth, colour, interlaced) != (16, 0, 0):
        raise ValueError("not a grey PNG of 16 bits")
    raw = zlib.decompress(b"".join(data for kind, data in parts if kind == b"IDAT"))
    above, rows = bytes(2 * width), zlib.compressobj(1)
    packed = []
    for at in range(0, len(raw), 2 * width + 1):
        above = undo(raw[at], bytearray(raw[at + 1 : at + 1 + 2 * width]), above, 2)
        codes = struct.unpack(f">{width}H", above)
        packed.append(rows.compress(b"\0" + bytes([TABLE[code] for code in codes])))
    packed.append(rows.flush())
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return data + chunk(b"IDAT", b"".join(packed)) + chunk(b"IEND", b""), (width, height)


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = narrow(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
