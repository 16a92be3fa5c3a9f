"""Saves in the format that came in, under a JPEG's content type.

kind: png-renamed
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def turn(body):
    image = Image.open(io.BytesIO(body))
    turned = image.transpose(Image.Transpose.ROTATE_270)
    out = io.BytesIO()
    turned.save(out, image.format, compress_level=1)
    return out.getvalue(), turned.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = turn(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
