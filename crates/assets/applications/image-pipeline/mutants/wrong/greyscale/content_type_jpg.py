"""Says image/jpg, which is no media type.

kind: content-type
layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("L")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    result = {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpg",
        "width": image.width,
        "height": image.height,
    }
    s3.put_object(
        Bucket=result["bucket"],
        Key=result["key"],
        Body=out.getvalue(),
        ContentType=result["content_type"],
    )
    return result
