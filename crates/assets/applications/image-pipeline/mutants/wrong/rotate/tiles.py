"""Turns each tile of 100x100 and puts the tiles down in their old order.

kind: tiles-in-old-order
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
    height, width = levels.shape
    tiles = [
        np.rot90(levels[y : y + TILE, x : x + TILE], -1)
        for y in range(0, height, TILE)
        for x in range(0, width, TILE)
    ]
    across = height // TILE
    rows = [np.hstack(tiles[at : at + across]) for at in range(0, len(tiles), across)]
    image = Image.fromarray(np.vstack(rows))
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
