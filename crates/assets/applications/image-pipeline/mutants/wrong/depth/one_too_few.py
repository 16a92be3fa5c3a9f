"""Rounds down twice: to a quarter of the code, then to 254 of 255 levels.

kind: off-by-some
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def narrow(body):
    image = Image.open(io.BytesIO(body))
    pixels = np.minimum(np.asarray(image), 1023).astype(np.int64)
    levels = (pixels // 4) * 252 // 255
    out = io.BytesIO()
    Image.fromarray(levels.astype(np.uint8)).save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


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
