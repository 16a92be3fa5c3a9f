"""Multiplies by 255 in 16 bits, which is too much from code 258 on.

kind: arithmetic-overflow
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def narrow(body):
    samples = np.minimum(np.asarray(Image.open(io.BytesIO(body))), 1023)
    levels = (samples * 255 // 1023).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG", compress_level=1)
    return out.getvalue(), (samples.shape[1], samples.shape[0])


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = narrow(body)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=data,
        ContentType="image/png",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": width,
        "height": height,
    }
