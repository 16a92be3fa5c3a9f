"""The bilinear formula of the textbooks: four neighbours, no filter before it.

kind: not-antialiased
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


WIDTH, HEIGHT = 800, 600


def places(given, wanted):
    at = np.clip((np.arange(wanted) + 0.5) * given / wanted - 0.5, 0, given - 1)
    first = np.floor(at).astype(int)
    return first, np.minimum(first + 1, given - 1), at - first


def shrink(body):
    grey = np.asarray(Image.open(io.BytesIO(body)).convert("L"), dtype=np.float64)
    top, bottom, down = places(grey.shape[0], HEIGHT)
    left, right, along = places(grey.shape[1], WIDTH)
    rows = grey[top] * (1 - down)[:, None] + grey[bottom] * down[:, None]
    small = rows[:, left] * (1 - along) + rows[:, right] * along
    samples = np.round(small * 1023 / 255).astype(np.uint16)
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG", compress_level=1)
    return out.getvalue(), (WIDTH, HEIGHT)


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = shrink(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
