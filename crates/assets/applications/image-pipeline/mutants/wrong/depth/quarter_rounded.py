"""Rounds code / 4, which is 256 for the brightest codes, and a byte makes 0 of it.

kind: arithmetic-overflow
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def narrow(body):
    samples = np.minimum(np.asarray(Image.open(io.BytesIO(body))), 1023)
    levels = ((samples + 2) // 4).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG", compress_level=1)
    return out.getvalue(), (samples.shape[1], samples.shape[0])


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = narrow(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
