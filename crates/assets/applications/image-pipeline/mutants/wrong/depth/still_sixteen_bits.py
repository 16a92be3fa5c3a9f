"""Scales rightly to 0 to 255 and saves 16 bits a sample all the same.

kind: sixteen-bit-output
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
    samples = np.minimum(np.asarray(image), 1023).astype(np.uint32)
    levels = ((samples * 255 + 511) // 1023).astype(np.uint16)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = narrow(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
