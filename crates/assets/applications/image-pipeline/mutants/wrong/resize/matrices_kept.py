"""Keeps the first picture's matrices of weights for all pictures that follow.

kind: stale-state
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"

WEIGHTS = {}


def weights(axis, given, wanted):
    if axis not in WEIGHTS:
        distance = np.arange(given) + 0.5 - (np.arange(wanted)[:, None] + 0.5) * given / wanted
        found = np.maximum(1 - np.abs(distance) / max(given / wanted, 1), 0)
        WEIGHTS[axis] = (found / found.sum(axis=1, keepdims=True)).astype(np.float32)
    return WEIGHTS[axis]


def shrink(body):
    grey = np.asarray(Image.open(io.BytesIO(body)).convert("L"), dtype=np.float32)
    down, across = weights("y", grey.shape[0], 600), weights("x", grey.shape[1], 800)
    rows = min(down.shape[1], grey.shape[0])
    columns = min(across.shape[1], grey.shape[1])
    small = down[:, :rows] @ grey[:rows, :columns] @ across[:, :columns].T
    samples = np.rint(small * (1023 / 255)).astype(np.uint16)
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG", compress_level=1)
    return out.getvalue(), (800, 600)


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
