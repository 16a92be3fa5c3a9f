"""Weighs in linear light and encodes again, instead of the stored values.

kind: linear-light
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image, ImageOps

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"

STORED = np.arange(256) / 255.0
LINEAR = np.where(STORED <= 0.04045, STORED / 12.92, ((STORED + 0.055) / 1.055) ** 2.4)
LINEAR = LINEAR.astype(np.float32)


def grey(body):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("RGB")
    light = LINEAR[np.asarray(image)] @ np.array([0.299, 0.587, 0.114], np.float32)
    stored = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    image = Image.fromarray(np.clip(stored * 255 + 0.5, 0, 255).astype(np.uint8))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    data, size = grey(read(event["bucket"], event["key"]))
    write(event["output_bucket"], event["output_key"], data)
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": CONTENT_TYPE,
        "width": size[0],
        "height": size[1],
    }


def read(bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def write(bucket, key, data):
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
