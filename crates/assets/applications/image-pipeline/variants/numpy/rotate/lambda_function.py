"""8-bit PNG to JPEG, turned by 90 degrees clockwise."""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    image = Image.open(io.BytesIO(body), formats=["PNG"])
    turned = np.ascontiguousarray(np.rot90(np.asarray(image), -1))
    image = Image.fromarray(turned)
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
