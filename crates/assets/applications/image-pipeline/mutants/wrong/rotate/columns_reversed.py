"""Reverses the columns after they became rows, where the rows go before.

kind: turned-counter-clockwise
layers: pillow
"""
import io
import itertools

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def turn(body):
    image = Image.open(io.BytesIO(body))
    width, height = image.size
    levels = image.tobytes()
    rows = [levels[at : at + width] for at in range(0, len(levels), width)]
    columns = list(zip(*rows))[::-1]
    image = Image.frombytes("L", (height, width), bytes(itertools.chain.from_iterable(columns)))
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
