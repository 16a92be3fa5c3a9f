"""Takes out specks by a median, which takes out detail too.

kind: rank-filter
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageFilter

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def convert(body):
    image = Image.open(io.BytesIO(body)).filter(ImageFilter.MedianFilter(3))
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    data, size = convert(read(event["bucket"], event["key"]))
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
