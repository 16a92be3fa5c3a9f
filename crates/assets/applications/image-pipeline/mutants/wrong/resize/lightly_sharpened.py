"""Sharpens by a third, as many thumbnailers do.

kind: sharpened
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image, ImageEnhance

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def shrink(body):
    image = Image.open(io.BytesIO(body)).resize((800, 600), Image.Resampling.LANCZOS)
    image = ImageEnhance.Sharpness(image).enhance(1.35)
    samples = np.rint(np.asarray(image, dtype=np.float32) * (1023 / 255)).astype(np.uint16)
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = shrink(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
