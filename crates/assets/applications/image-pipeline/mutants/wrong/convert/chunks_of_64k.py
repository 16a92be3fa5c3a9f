"""Writes whole pieces of 64 KiB to a file in /tmp and forgets to flush the rest.

kind: truncated
layers: pillow
"""
import io
import pathlib
import tempfile

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"

PIECE = 64 * 1024


def convert(body):
    image = Image.open(io.BytesIO(body))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    with tempfile.NamedTemporaryFile(buffering=PIECE) as file:
        view = out.getbuffer()
        for at in range(0, len(view), PIECE - 1):
            file.write(view[at : at + PIECE - 1])
        return pathlib.Path(file.name).read_bytes(), image.size


def lambda_handler(event, context):
    data, size = convert(read(event["bucket"], event["key"]))
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
