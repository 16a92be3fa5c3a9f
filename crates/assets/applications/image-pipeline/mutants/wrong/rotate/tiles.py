"""Turns each tile of 100x100 and puts it back where it was.

kind: tiles-left-in-place
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"

TILE = 100


def turn(body):
    levels = np.asarray(Image.open(io.BytesIO(body)))
    turned = np.empty(levels.shape[::-1], np.uint8)
    for y in range(0, turned.shape[0] - TILE + 1, TILE):
        for x in range(0, turned.shape[1] - TILE + 1, TILE):
            tile = levels[y % levels.shape[0] :, x:][:TILE, :TILE]
            turned[y : y + TILE, x : x + TILE] = np.rot90(tile, -1)
    image = Image.fromarray(turned)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = turn(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
