"""A class that writes the compressed rows in chunks of 32 KiB.

layers: pillow
"""
import io
import struct
import zlib

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


class Png:
    """A grey PNG that grows by rows."""

    PIECE = 32 * 1024

    def __init__(self, width, height):
        self.parts = [b"\x89PNG\r\n\x1a\n"]
        self.packer = zlib.compressobj(1)
        self.waiting = bytearray()
        self.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))

    def chunk(self, kind, data):
        check = zlib.crc32(kind + data)
        self.parts += [struct.pack(">I", len(data)), kind, data, struct.pack(">I", check)]

    def row(self, levels):
        self.waiting += self.packer.compress(b"\0" + levels)
        while len(self.waiting) >= self.PIECE:
            self.chunk(b"IDAT", bytes(self.waiting[: self.PIECE]))
            del self.waiting[: self.PIECE]

    def finish(self):
        self.waiting += self.packer.flush()
        self.chunk(b"IDAT", bytes(self.waiting))
        self.chunk(b"IEND", b"")
        return b"".join(self.parts)


def convert(body):
    image = Image.open(io.BytesIO(body))
    width, height = image.size
    png = Png(width, height)
    levels = image.tobytes()
    for at in range(0, len(levels), width):
        png.row(levels[at : at + width])
    return png.finish(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = convert(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
