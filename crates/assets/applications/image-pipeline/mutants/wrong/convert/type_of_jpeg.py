"""Keeps the content type of the JPEG that it read.

kind: content-type
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body))
    content_type = Image.MIME[image.format]
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=out.getvalue(),
        ContentType=content_type,
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": image.width,
        "height": image.height,
    }
