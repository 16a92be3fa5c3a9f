import io

import boto3
from PIL import Image


def lambda_handler(event, context):
    s3 = boto3.client("s3")
    obj = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    img = Image.open(io.BytesIO(obj["Body"].read()))
    width, height = img.size

    # move every pixel to its new place
    pixels = img.load()
    rotated = Image.new("L", (height, width))
    rotated_pixels = rotated.load()
    for y in range(height):
        for x in range(width):
            rotated_pixels[height - 1 - y, x] = pixels[x, y]

    buffer = io.BytesIO()
    rotated.save(buffer, format="JPEG", quality=95)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=buffer.getvalue(),
        ContentType="image/jpeg",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": height,
        "height": width,
    }
