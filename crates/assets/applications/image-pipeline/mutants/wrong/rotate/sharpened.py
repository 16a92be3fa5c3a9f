"""Sharpens what the turn is thought to have softened.

kind: sharpened
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageEnhance

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def turn(body):
    image = Image.open(io.BytesIO(body)).rotate(-90, expand=True)
    image = ImageEnhance.Sharpness(image).enhance(1.6)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = turn(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
