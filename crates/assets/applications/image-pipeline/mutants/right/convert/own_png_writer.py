"""The PNG put together by hand, rows unfiltered and compressed as they come.

layers: pillow
"""
import io
import struct
import zlib

import boto3
from PIL import Image

s3 = boto3.client("s3")


def chunk(kind, data):
    check = struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
    return struct.pack(">I", len(data)) + kind + data + check


def rows(levels, width):
    """The rows, each after the byte that says that it is not filtered."""
    view = memoryview(levels)
    for at in range(0, len(view), width):
        yield b"\0"
        yield view[at : at + width]


def convert(body):
    image = Image.open(io.BytesIO(body))
    width, height = image.size
    packer = zlib.compressobj(1)
    packed = b"".join(map(packer.compress, rows(image.tobytes(), width))) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return data + chunk(b"IDAT", packed) + chunk(b"IEND", b""), image.size


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
