"""Saves the grey as CMYK, with four components.

kind: four-components
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def turn(body):
    image = Image.open(io.BytesIO(body)).transpose(Image.Transpose.ROTATE_270)
    black = ImageOps.invert(image)
    none = Image.new("L", image.size)
    image = Image.merge("CMYK", (none, none, none, black))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = turn(body)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=data,
        ContentType="image/jpeg",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": width,
        "height": height,
    }
