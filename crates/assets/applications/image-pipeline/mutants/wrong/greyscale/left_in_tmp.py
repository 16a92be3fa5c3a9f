"""Keeps the download in /tmp and does not fetch again what is there already.

kind: file-left-behind
layers: pillow
"""
import io
import pathlib

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def lambda_handler(event, context):
    path = pathlib.Path("/tmp/photo.jpg")
    if not path.exists():
        source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
        path.write_bytes(source["Body"].read())
    image = ImageOps.exif_transpose(Image.open(path)).convert("L")
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
