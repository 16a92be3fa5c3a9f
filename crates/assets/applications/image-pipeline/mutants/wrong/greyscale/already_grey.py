"""Unpacks three channels, which a picture that is grey already does not have.

kind: raises
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def grey(body):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body)))
    red, green, blue = (np.asarray(band, dtype=np.uint32) for band in image.split())
    levels = ((red * 299 + green * 587 + blue * 114 + 500) // 1000).astype(np.uint8)
    image = Image.fromarray(levels)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
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
