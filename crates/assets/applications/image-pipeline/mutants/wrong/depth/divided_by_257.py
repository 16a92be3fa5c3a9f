"""Divides by 257, as if white were 65,535.

kind: scaled-from-16-bits
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def narrow(body):
    image = Image.open(io.BytesIO(body))
    samples = np.asarray(image).astype(np.float32)
    levels = np.rint(samples / 257).astype(np.uint8)
    image = Image.fromarray(levels)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = narrow(body)
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
