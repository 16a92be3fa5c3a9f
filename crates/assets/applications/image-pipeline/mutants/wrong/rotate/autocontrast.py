"""Stretches the contrast to the full range on the way.

kind: contrast
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def turn(body):
    image = Image.open(io.BytesIO(body)).transpose(Image.Transpose.ROTATE_270)
    image = ImageOps.autocontrast(image, cutoff=(0.5, 0.5))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
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
