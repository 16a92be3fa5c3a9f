"""Writes the object from the file that Pillow wrote, without a copy of it.

layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    with io.BytesIO(source["Body"].read()) as body, io.BytesIO() as out:
        image = Image.open(body)
        image.save(out, "PNG", compress_level=1)
        out.seek(0)
        s3.put_object(
            Bucket=event["output_bucket"],
            Key=event["output_key"],
            Body=out,
            ContentType="image/png",
        )
        width, height = image.size
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": width,
        "height": height,
    }
