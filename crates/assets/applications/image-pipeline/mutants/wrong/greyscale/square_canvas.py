"""Puts the picture on a square black canvas.

kind: padding
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def grey(body):
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("L")
    side = max(image.size)
    canvas = Image.new("L", (side, side))
    canvas.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    out = io.BytesIO()
    canvas.save(out, "JPEG", quality=95)
    return out.getvalue(), canvas.size


def lambda_handler(event, context):
    data, size = grey(read(event["bucket"], event["key"]))
    write(event["output_bucket"], event["output_key"], data)
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": CONTENT_TYPE,
        "width": size[0],
        "height": size[1],
    }


def read(bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def write(bucket, key, data):
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
