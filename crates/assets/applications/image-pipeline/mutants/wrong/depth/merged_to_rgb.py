"""Merges the levels to red, green and blue.

kind: colour-output
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def narrow(body):
    image = Image.open(io.BytesIO(body)).convert("I")
    image = image.point(lambda code: code * (255 / 1023) + 0.5).convert("L")
    image = Image.merge("RGB", (image, image, image))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = narrow(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
