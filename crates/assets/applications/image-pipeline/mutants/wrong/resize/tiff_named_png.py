"""A TIFF of 16 bits under the content type of a PNG.

kind: wrong-format
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("F")
    image = image.resize((800, 600), Image.Resampling.LANCZOS)
    image = image.point(lambda level: level * (1023 / 255) + 0.5).convert("I").convert("I;16")
    out = io.BytesIO()
    image.save(out, "TIFF")
    return out.getvalue(), image.size


def lambda_handler(event, context):
    data, size = shrink(read(event["bucket"], event["key"]))
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
