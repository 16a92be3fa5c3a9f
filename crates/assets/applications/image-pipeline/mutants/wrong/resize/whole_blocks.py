"""Cuts the source to multiples of sixteen before it is reduced.

kind: cropped-to-shape
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("F")
    width, height = (max(16, side // 16 * 16) for side in image.size)
    image = image.crop((0, 0, width, height)).resize((800, 600), Image.Resampling.LANCZOS)
    samples = np.clip(np.rint(np.asarray(image) * (1023 / 255)), 0, 1023).astype(np.uint16)
    out = io.BytesIO()
    Image.fromarray(samples).save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


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
