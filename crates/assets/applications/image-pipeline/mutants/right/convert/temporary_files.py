"""Passes through files of its own in /tmp, gone when the call ends.

layers: pillow
"""
import pathlib
import tempfile

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def convert(body):
    with tempfile.TemporaryDirectory() as folder:
        source, target = pathlib.Path(folder, "in.jpg"), pathlib.Path(folder, "out.png")
        source.write_bytes(body)
        with Image.open(source) as image:
            image.convert("L").save(target, compress_level=1)
            return target.read_bytes(), image.size


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
