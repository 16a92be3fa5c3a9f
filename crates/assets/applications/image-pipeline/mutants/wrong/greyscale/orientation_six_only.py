"""Knows how a camera is held upright, and no other way.

kind: orientation-in-part
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")
ORIENTATION = 0x0112


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body))
    held = image.getexif().get(ORIENTATION)
    image = image.convert("L")
    if held == 6:
        image = image.transpose(Image.Transpose.ROTATE_270)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=out.getvalue(),
        ContentType="image/jpeg",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
    }
