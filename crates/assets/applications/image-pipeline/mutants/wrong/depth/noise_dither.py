"""Adds noise of less than a level before it rounds, against banding.

kind: dithered
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def narrow(body):
    samples = np.asarray(Image.open(io.BytesIO(body))).clip(0, 1023)
    noise = np.random.default_rng().uniform(-0.5, 0.5, samples.shape)
    levels = np.rint(samples * (255 / 1023) + noise).clip(0, 255).astype(np.uint8)
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
