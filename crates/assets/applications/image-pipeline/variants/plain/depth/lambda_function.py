import io

import boto3
from PIL import Image


def lambda_handler(event, context):
    s3 = boto3.client("s3")
    obj = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    img = Image.open(io.BytesIO(obj["Body"].read()))
    width, height = img.size

    # convert every pixel from 10 bits to 8 bits
    pixels = img.load()
    result = Image.new("L", (width, height))
    result_pixels = result.load()
    for y in range(height):
        for x in range(width):
            value = min(pixels[x, y], 1023)
            result_pixels[x, y] = round(value * 255 / 1023)

    buffer = io.BytesIO()
    result.save(buffer, format="PNG", compress_level=1)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=buffer.getvalue(),
        ContentType="image/png",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": width,
        "height": height,
    }
