"""Resizes in Pillow's mode I;16 itself, with 8 bits to spare below the point.

layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("I").point(lambda level: level * 256 + 0)
    image = image.convert("I;16").resize((800, 600), Image.Resampling.BILINEAR)
    image = image.convert("I").convert("F").point(lambda code: code * (1023 / 65280) + 0.5)
    image = image.convert("I").convert("I;16")
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = shrink(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
