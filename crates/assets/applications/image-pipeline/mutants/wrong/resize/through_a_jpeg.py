"""Stores the small picture as a JPEG in between, at Pillow's own quality.

kind: lossy-intermediate
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def shrink(body):
    image = Image.open(io.BytesIO(body)).resize((800, 600), Image.Resampling.LANCZOS)
    between = io.BytesIO()
    image.save(between, "JPEG")
    levels = np.asarray(Image.open(between), dtype=np.float32)
    samples = np.rint(levels * (1023 / 255)).astype(np.uint16)
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
