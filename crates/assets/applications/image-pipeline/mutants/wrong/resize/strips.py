"""Works in strips of 128 rows and leaves out the strip that is not whole.

kind: rows-lost
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")

STRIP = 128


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("F")
    image = image.resize((800, 600), Image.Resampling.LANCZOS)
    levels = np.asarray(image)
    samples = np.zeros((600, 800), dtype=np.uint16)
    for strip in range(600 // STRIP):
        rows = slice(strip * STRIP, (strip + 1) * STRIP)
        samples[rows] = np.clip(levels[rows] * (1023 / 255) + 0.5, 0, 1023)
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = shrink(body)
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
