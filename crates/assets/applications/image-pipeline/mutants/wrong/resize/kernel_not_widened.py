"""Lanczos by hand with three lobes of the source: it only interpolates.

kind: kernel-not-widened
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def weights(given, wanted):
    centres = (np.arange(wanted) + 0.5) * given / wanted
    distance = np.arange(given) + 0.5 - centres[:, None]
    found = np.where(np.abs(distance) < 3, np.sinc(distance) * np.sinc(distance / 3), 0)
    return (found / found.sum(axis=1, keepdims=True)).astype(np.float32)


def shrink(body):
    grey = np.asarray(Image.open(io.BytesIO(body)).convert("L"), dtype=np.float32)
    small = weights(grey.shape[0], 600) @ grey @ weights(grey.shape[1], 800).T
    samples = np.clip(np.rint(small * (1023 / 255)), 0, 1023).astype(np.uint16)
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG", compress_level=1)
    return out.getvalue(), (800, 600)


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = shrink(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
