"""Decodes at half size for speed and enlarges again.

kind: detail-lost
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def grey(body):
    image = Image.open(io.BytesIO(body))
    size = image.size
    image.draft("L", (size[0] // 2, size[1] // 2))
    image = ImageOps.exif_transpose(image.convert("L").resize(size, Image.Resampling.BICUBIC))
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
