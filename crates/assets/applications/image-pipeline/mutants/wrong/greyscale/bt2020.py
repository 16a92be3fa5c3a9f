"""The weights of BT.2020, as for ultra high definition.

kind: luma-weights
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image, ImageOps

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"

WEIGHTS = np.array([0.2627, 0.6780, 0.0593], dtype=np.float32)


def grey(body):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body)))
    luma = np.tensordot(np.asarray(image.convert("RGB"), np.float32), WEIGHTS, axes=1)
    image = Image.fromarray(np.rint(luma).astype(np.uint8))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = grey(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
