"""Reads a part of the object and tells Pillow to put up with what is missing.

kind: rows-lost
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageFile

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"

LIMIT = 16384
ImageFile.LOAD_TRUNCATED_IMAGES = True


def convert(body):
    image = Image.open(io.BytesIO(body[: max(LIMIT, len(body) * 3 // 4)]))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = convert(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
