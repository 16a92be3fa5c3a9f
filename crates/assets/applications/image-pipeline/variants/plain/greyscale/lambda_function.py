import io

import boto3
from PIL import Image, ImageOps


def lambda_handler(event, context):
    s3 = boto3.client("s3")
    obj = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    img = Image.open(io.BytesIO(obj["Body"].read()))
    img = ImageOps.exif_transpose(img)
    img = img.convert("RGB")
    width, height = img.size

    # go over every pixel and compute its brightness
    pixels = img.load()
    gray = Image.new("L", (width, height))
    gray_pixels = gray.load()
    for y in range(height):
        for x in range(width):
            r, g, b = pixels[x, y]
            gray_pixels[x, y] = int(0.299 * r + 0.587 * g + 0.114 * b + 0.5)

    buffer = io.BytesIO()
    gray.save(buffer, format="JPEG", quality=95)
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
        "width": width,
        "height": height,
    }
