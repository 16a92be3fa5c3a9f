"""Pillow's red, green, blue handed to OpenCV as blue, green, red.

kind: channel-order
layers: pillow, numpy, opencv
"""
import io

import boto3
import cv2
import numpy as np
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def grey(body):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("RGB")
    levels = cv2.cvtColor(np.asarray(image), cv2.COLOR_BGR2GRAY)
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "JPEG", quality=95)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = grey(body)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=data,
        ContentType="image/jpeg",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": width,
        "height": height,
    }
