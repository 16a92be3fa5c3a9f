"""Grey first, then turned: a third of the bytes to move.

layers: pillow
"""
import io

import boto3
from PIL import Image, ImageOps

s3 = boto3.client("s3")


def grey(body):
    with Image.open(io.BytesIO(body)) as image:
        image = image.convert("L")
        ImageOps.exif_transpose(image, in_place=True)
    with io.BytesIO() as out:
        image.save(out, format="JPEG", quality=95)
        return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = grey(body)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=data,
        ContentType="image/jpeg",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": width,
        "height": height,
    }
