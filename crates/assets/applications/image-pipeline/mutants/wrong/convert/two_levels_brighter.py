"""Adds two to every level, as a careless rounding would.

kind: offset
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body)).convert("L")
    image = image.point([min(level + 2, 255) for level in range(256)])
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=out.getvalue(),
        ContentType="image/png",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": image.width,
        "height": image.height,
    }
