"""Hamming's filter, scaled and held within the ends by ImageMath.

layers: pillow
"""
import io

import boto3
from PIL import Image, ImageMath

s3 = boto3.client("s3")


def scale(args):
    codes = args["image"] * (1023 / 255) + 0.5
    return args["convert"](args["min"](args["max"](codes, 0), 1023), "I")


def shrink(body):
    image = Image.open(io.BytesIO(body)).convert("F")
    image = image.resize((800, 600), Image.Resampling.HAMMING)
    image = ImageMath.lambda_eval(scale, image=image).convert("I;16")
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue(), image.size


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = shrink(body)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=data,
        ContentType="image/png",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": width,
        "height": height,
    }
