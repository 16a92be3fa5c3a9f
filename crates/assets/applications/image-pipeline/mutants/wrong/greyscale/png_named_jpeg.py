"""A PNG under the content type of a JPEG.

kind: wrong-format
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def grey(body):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("L")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = grey(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
