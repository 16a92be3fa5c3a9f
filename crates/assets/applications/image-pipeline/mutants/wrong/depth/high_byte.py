"""Takes the high byte of each sample, as for a picture with full 16 bits.

kind: high-byte
layers: pillow
"""
import io
import sys

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def narrow(body):
    image = Image.open(io.BytesIO(body))
    high = image.tobytes()[1::2] if sys.byteorder == "little" else image.tobytes()[::2]
    image = Image.frombytes("L", image.size, high)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = narrow(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
