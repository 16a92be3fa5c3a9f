"""Every pixel by itself, as in a first course.

layers: pillow
"""
import io

import boto3
from PIL import Image

s3 = boto3.client("s3")


def turn(body):
    source = Image.open(io.BytesIO(body))
    target = Image.new("L", (source.height, source.width))
    given, wanted = source.load(), target.load()
    for y in range(source.height):
        for x in range(source.width):
            wanted[source.height - 1 - y, x] = given[x, y]
    out = io.BytesIO()
    target.save(out, "JPEG", quality=95)
    return out.getvalue(), target.size


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
