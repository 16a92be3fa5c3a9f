"""One buffer for all calls, rewound but not emptied: an old picture's end is left.

kind: stale-state
layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")

OUT = io.BytesIO()


def turn(body):
    image = Image.open(io.BytesIO(body)).transpose(Image.Transpose.ROTATE_270)
    OUT.seek(0)
    image.save(OUT, "JPEG", quality=95)
    return OUT.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = turn(body)
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
