"""An array between reading and writing.

layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def convert(body):
    levels = np.array(Image.open(io.BytesIO(body)).convert("L"))
    out = io.BytesIO()
    Image.fromarray(levels).save(out, format="PNG", compress_level=1)
    height, width = levels.shape
    return out.getvalue(), (width, height)


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = convert(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
