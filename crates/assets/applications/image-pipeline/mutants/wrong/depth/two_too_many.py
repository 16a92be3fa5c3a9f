"""Adds a whole step before it shifts, so that all is a level too bright, or two.

kind: off-by-some
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")

TABLE = bytes(min((code + 8) >> 2, 255) for code in range(65536))


def narrow(body):
    image = Image.open(io.BytesIO(body))
    codes = memoryview(image.tobytes()).cast("H")
    levels = bytearray(TABLE[code] for code in codes)
    image = Image.frombuffer("L", image.size, bytes(levels), "raw", "L", 0, 1)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = narrow(body)
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
