"""Rounds up and adds two for good measure: all is too bright.

kind: off-by-some
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image, ImageOps

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def grey(body):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("RGB")
    luma = np.asarray(image, dtype=np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    levels = np.minimum(np.ceil(luma) + 2, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = grey(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
