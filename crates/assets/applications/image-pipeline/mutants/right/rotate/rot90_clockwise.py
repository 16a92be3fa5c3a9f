"""numpy's rot90 with a negative count.

layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def turn(body):
    levels = np.rot90(np.asarray(Image.open(io.BytesIO(body))), k=-1)
    image = Image.fromarray(np.ascontiguousarray(levels))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=97)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = turn(body)
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
