"""Writes over the input's key instead of the one it was asked for.

kind: wrong-place
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def lambda_handler(event, context):
    bucket, key = event["bucket"], event["key"]
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("L")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    s3.put_object(Bucket=bucket, Key=key, Body=out.getvalue(), ContentType="image/jpeg")
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
    }
