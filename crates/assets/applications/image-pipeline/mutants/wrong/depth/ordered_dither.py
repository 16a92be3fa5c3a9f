"""Spreads the rounding by a Bayer matrix: one code becomes two levels.

kind: dithered
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"

BAYER = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16


def narrow(body):
    samples = np.minimum(np.asarray(Image.open(io.BytesIO(body))), 1023)
    height, width = samples.shape
    threshold = np.tile(BAYER, (height // 4 + 1, width // 4 + 1))[:height, :width]
    levels = np.floor(samples * (255 / 1023) + threshold).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG", compress_level=1)
    return out.getvalue(), (width, height)


def lambda_handler(event, context):
    data, size = narrow(read(event["bucket"], event["key"]))
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
