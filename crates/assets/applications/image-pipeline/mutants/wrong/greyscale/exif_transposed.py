"""Exchanges rows and columns for orientation 6 and forgets to mirror them.

kind: orientation-wrong-way
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def grey(body):
    image = Image.open(io.BytesIO(body))
    orientation = image.getexif().get(274, 1)
    levels = np.asarray(image.convert("L"))
    if orientation >= 5:
        levels = levels.T
    image = Image.fromarray(np.ascontiguousarray(levels))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    data, size = grey(read(event["bucket"], event["key"]))
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
