"""Turns as the orientation says and forgets that some are mirrored.

kind: orientation-in-part
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")
TURNS = {3: 180, 4: 180, 5: 270, 6: 270, 7: 90, 8: 90}


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body))
    angle = TURNS.get(image.getexif().get(0x0112), 0)
    image = image.convert("L").rotate(angle, expand=True)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=out.getvalue(),
        ContentType="image/jpeg",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": image.width,
        "height": image.height,
    }
