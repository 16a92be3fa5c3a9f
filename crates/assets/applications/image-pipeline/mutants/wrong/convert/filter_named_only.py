"""Says that rows are filtered by Up and leaves them as they are.

kind: wrong-png-filter
layers: pillow
"""
import io
import struct
import zlib

import boto3
from PIL import Image

s3 = boto3.client("s3")


def chunk(kind, data):
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def convert(body):
    image = Image.open(io.BytesIO(body))
    width, height = image.size
    levels = image.tobytes()
    rows = b"".join(b"\2" + levels[at : at + width] for at in range(0, len(levels), width))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    data += chunk(b"IDAT", zlib.compress(rows, 1)) + chunk(b"IEND", b"")
    return data, image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = convert(body)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=data,
        ContentType="image/png",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": width,
        "height": height,
    }
