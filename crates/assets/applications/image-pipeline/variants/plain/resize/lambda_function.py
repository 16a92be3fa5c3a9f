import io

import boto3
from PIL import Image


def lambda_handler(event, context):
    s3 = boto3.client("s3")
    obj = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    img = Image.open(io.BytesIO(obj["Body"].read()))
    img = img.convert("F")
    small = img.resize((800, 600), Image.LANCZOS)

    # scale every pixel from 8 bits to 10 bits
    pixels = small.load()
    result = Image.new("I;16", (800, 600))
    result_pixels = result.load()
    for y in range(600):
        for x in range(800):
            value = int(pixels[x, y] * 1023 / 255 + 0.5)
            if value < 0:
                value = 0
            if value > 1023:
                value = 1023
            result_pixels[x, y] = value

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
        "width": 800,
        "height": 600,
    }
