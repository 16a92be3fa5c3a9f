"""Returns the input's key, though it wrote where it was asked to.

kind: wrong-place
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body)).transpose(Image.Transpose.ROTATE_270)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=out.getvalue(),
        ContentType="image/jpeg",
    )
    return {
        "bucket": event["bucket"],
        "key": event["key"],
        "content_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
    }
