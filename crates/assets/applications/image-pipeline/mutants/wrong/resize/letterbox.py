"""Keeps the picture's shape and fills up with black bars.

kind: aspect-kept
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("F")
    image = ImageOps.contain(image, (800, 600), Image.Resampling.LANCZOS)
    canvas = Image.new("F", (800, 600))
    canvas.paste(image, ((800 - image.width) // 2, (600 - image.height) // 2))
    canvas = canvas.point(lambda level: level * (1023 / 255) + 0.5).convert("I").convert("I;16")
    out = io.BytesIO()
    canvas.save(out, "PNG", compress_level=1)
    return out.getvalue(), canvas.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = shrink(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
