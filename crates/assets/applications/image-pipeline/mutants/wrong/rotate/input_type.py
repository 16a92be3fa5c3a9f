"""Writes the input's content type, image/png, on the JPEG.

kind: content-type
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    image = Image.open(io.BytesIO(source["Body"].read()))
    image = image.transpose(Image.Transpose.ROTATE_270)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=out.getvalue(),
        ContentType=source["ContentType"],
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
    }
