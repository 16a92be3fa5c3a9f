"""Feeds the decoder while the object is still being read.

layers: pillow
"""
import io

import boto3
from PIL import ImageFile, ImageOps

s3 = boto3.client("s3")

PIECE = 64 * 1024


def lambda_handler(event, context):
    parser = ImageFile.Parser()
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"]
    for piece in source.iter_chunks(PIECE):
        parser.feed(piece)
    image = ImageOps.exif_transpose(parser.close()).convert("L")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    out.seek(0)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=out,
        ContentType="image/jpeg",
    )
    width, height = image.size
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": width,
        "height": height,
    }
