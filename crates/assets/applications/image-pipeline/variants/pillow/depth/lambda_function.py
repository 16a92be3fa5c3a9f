"""16-bit PNG of 10-bit values to 8-bit PNG."""
import array
import io
import sys

import boto3
from PIL import Image

s3 = boto3.client("s3")

# round(v * 255 / 1023); what lies above 1023 counts as 1023.
TABLE = [(value * 255 + 511) // 1023 for value in range(1024)] + [255] * (65536 - 1024)


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body), formats=["PNG"])
    samples = array.array("H", image.tobytes())
    if sys.byteorder == "big":
        samples.byteswap()
    mapped = bytes(map(TABLE.__getitem__, samples))
    image = Image.frombytes("L", image.size, mapped)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return put(event, out, "image/png", image.size)


def put(event, out, content_type, size):
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=out.getvalue(),
        ContentType=content_type,
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": content_type,
        "width": size[0],
        "height": size[1],
    }
