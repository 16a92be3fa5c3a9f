"""Adds .png to the key that it was given.

kind: wrong-place
layers: pillow
"""
import io
import os

import boto3
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    key = os.path.splitext(event["output_key"])[0] + "-converted.png"
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=key,
        Body=out.getvalue(),
        ContentType="image/png",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": image.width,
        "height": image.height,
    }
