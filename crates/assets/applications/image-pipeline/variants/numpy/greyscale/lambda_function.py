"""Colour or grey JPEG to upright grey JPEG: ITU-R 601 luma as one product of matrices."""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")

LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)
ORIENTATION = 0x0112
# What undoes each EXIF orientation, for an array of rows.
UPRIGHT = {
    2: np.fliplr,
    3: lambda rows: np.rot90(rows, 2),
    4: np.flipud,
    5: lambda rows: rows.T,
    6: lambda rows: np.rot90(rows, -1),
    7: lambda rows: np.rot90(rows, 2).T,
    8: np.rot90,
}


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body), formats=["JPEG"])
    turn = UPRIGHT.get(image.getexif().get(ORIENTATION, 1), lambda rows: rows)
    if image.mode == "L":
        grey = np.asarray(image)
    else:
        colours = np.asarray(image.convert("RGB"), dtype=np.float32)
        grey = (colours @ LUMA + 0.5).astype(np.uint8)
    image = Image.fromarray(np.ascontiguousarray(turn(grey)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return put(event, out, "image/jpeg", image.size)


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
