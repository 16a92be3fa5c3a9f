"""Turns by the orientation, but within the old frame: the corners are lost.

kind: orientation-wrong-way
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def grey(body):
    image = Image.open(io.BytesIO(body))
    degrees = {3: 180, 6: 270, 8: 90}.get(image.getexif().get(274, 1), 0)
    image = image.convert("L").rotate(degrees)
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
