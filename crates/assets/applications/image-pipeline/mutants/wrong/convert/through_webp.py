"""Passes through a lossy WebP.

kind: lossy-intermediate
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def convert(body):
    between = io.BytesIO()
    with Image.open(io.BytesIO(body)) as image:
        image.save(between, "WEBP", quality=95)
    image = Image.open(between).convert("L")
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


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
