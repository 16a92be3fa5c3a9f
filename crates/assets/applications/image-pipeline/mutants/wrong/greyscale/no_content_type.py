"""Writes the object without a content type.

kind: content-type
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("L")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    out.seek(0)
    s3.put_object(Bucket=event["output_bucket"], Key=event["output_key"], Body=out)
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
    }
