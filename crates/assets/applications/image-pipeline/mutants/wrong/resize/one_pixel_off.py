"""Leaves out the first row and the first column of the small picture.

kind: shifted
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("F")
    image = image.resize((801, 601), Image.Resampling.LANCZOS).crop((1, 1, 801, 601))
    image = image.point(lambda level: level * (1023 / 255) + 0.5).convert("I").convert("I;16")
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
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
