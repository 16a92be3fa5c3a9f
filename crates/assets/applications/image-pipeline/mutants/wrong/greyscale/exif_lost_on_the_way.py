"""Asks for the orientation after an array, which has none, stood in between.

kind: orientation-ignored
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def grey(body):
    pixels = np.array(Image.open(io.BytesIO(body)).convert("RGB"))
    image = ImageOps.exif_transpose(Image.fromarray(pixels)).convert("L")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = grey(body)
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
