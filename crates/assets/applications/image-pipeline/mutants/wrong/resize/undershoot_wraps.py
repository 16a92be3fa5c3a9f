"""What a filter gives below 0 becomes 65,535 and not 0.

kind: filter-overshoot
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("F")
    image = image.resize((800, 600), Image.Resampling.LANCZOS)
    samples = np.rint(np.asarray(image) * (1023 / 255)).astype(np.int32).astype(np.uint16)
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
