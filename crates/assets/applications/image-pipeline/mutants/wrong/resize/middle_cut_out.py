"""Cuts 800x600 out of the middle and reduces nothing.

kind: cropped-to-shape
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def shrink(body):
    grey = np.asarray(Image.open(io.BytesIO(body)).convert("L"), dtype=np.uint32)
    grey = np.pad(grey, [(max(0, 600 - grey.shape[0]), 0), (max(0, 800 - grey.shape[1]), 0)])
    top, left = (grey.shape[0] - 600) // 2, (grey.shape[1] - 800) // 2
    grey = grey[top : top + 600, left : left + 800]
    samples = ((grey * 1023 + 127) // 255).astype(np.uint16)
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG", compress_level=1)
    return out.getvalue(), (800, 600)


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = shrink(body)
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
