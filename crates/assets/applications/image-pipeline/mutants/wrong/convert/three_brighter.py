"""Adds three levels, which no eye would see.

kind: off-by-some
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageChops

s3 = boto3.client("s3")


def convert(body):
    image = Image.open(io.BytesIO(body))
    image = ImageChops.add(image, Image.new("L", image.size, 3))
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
