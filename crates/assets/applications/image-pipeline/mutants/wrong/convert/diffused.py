"""Spreads the error of 64 levels over the neighbours.

kind: dithered
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def convert(body):
    image = Image.open(io.BytesIO(body))
    greys = Image.new("P", (1, 1))
    greys.putpalette([level for step in range(64) for level in (step * 255 // 63,) * 3])
    image = image.convert("RGB").quantize(palette=greys, dither=Image.Dither.FLOYDSTEINBERG)
    image = image.convert("L")
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = convert(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
