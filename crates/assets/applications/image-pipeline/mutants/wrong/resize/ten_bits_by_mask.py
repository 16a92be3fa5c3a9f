"""Masks ten bits, so that a highlight above 1023 starts again at 0.

kind: filter-overshoot
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("F")
    image = image.resize((800, 600), Image.Resampling.LANCZOS)
    levels = np.maximum(np.asarray(image), 0) * (1023 / 255) + 0.5
    samples = levels.astype(np.uint16) & 0x3FF
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    data, size = shrink(read(event["bucket"], event["key"]))
    write(event["output_bucket"], event["output_key"], data)
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": CONTENT_TYPE,
        "width": size[0],
        "height": size[1],
    }


def read(bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def write(bucket, key, data):
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
