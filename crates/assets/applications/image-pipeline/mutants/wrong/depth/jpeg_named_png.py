"""A JPEG at quality 100 under the content type of a PNG.

kind: wrong-format
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def narrow(body):
    image = Image.open(io.BytesIO(body)).convert("I")
    image = image.point(lambda code: code * (255 / 1023) + 0.5).convert("L")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=100)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    data, size = narrow(read(event["bucket"], event["key"]))
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
