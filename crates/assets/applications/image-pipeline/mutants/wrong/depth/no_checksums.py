"""Writes its own PNG with zeros for checksums.

kind: bad-checksum
layers: pillow
"""
import io
import struct
import zlib

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + bytes(4)


def narrow(body):
    image = Image.open(io.BytesIO(body))
    width, height = image.size
    codes = memoryview(image.tobytes()).cast("H")
    levels = bytes(min((code * 255 + 511) // 1023, 255) for code in codes)
    rows = (b"\0" + levels[at : at + width] for at in range(0, len(levels), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    data += chunk(b"IDAT", zlib.compress(b"".join(rows), 1)) + chunk(b"IEND", b"")
    return data, image.size


def lambda_handler(event, context):
    data, size = narrow(read(event["bucket"], event["key"]))
    write(event["output_bucket"], event["output_key"], data)
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": CONTENT_TYPE,
        "width": size[0],
        "height": size[1],
    }


def read(bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def write(bucket, key, data):
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
