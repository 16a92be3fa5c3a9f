"""Scales by the brightest sample that any call has seen so far.

kind: stale-state
layers: pillow, numpy
"""
import io

import boto3
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


class Narrower:
    def __init__(self):
        self.white = 0

    def narrow(self, samples):
        self.white = max(self.white, int(samples.max()))
        return np.rint(samples * (255 / max(self.white, 1))).astype(np.uint8)


NARROWER = Narrower()


def narrow(body):
    levels = NARROWER.narrow(np.asarray(Image.open(io.BytesIO(body))))
    out = io.BytesIO()
    Image.fromarray(levels).save(out, "PNG", compress_level=1)
    return out.getvalue(), (levels.shape[1], levels.shape[0])


def lambda_handler(event, context):
    data, size = narrow(read(event["bucket"], event["key"]))
    write(event["output_bucket"], event["output_key"], data)
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": CONTENT_TYPE,
        "width": size[0],
        "height": size[1],
    }


def read(bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def write(bucket, key, data):
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
