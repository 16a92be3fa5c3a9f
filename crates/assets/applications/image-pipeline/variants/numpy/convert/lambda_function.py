"""Grey JPEG to 8-bit grey PNG."""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    grey = np.asarray(Image.open(io.BytesIO(body), formats=["JPEG"]))
    image = Image.fromarray(grey)
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
