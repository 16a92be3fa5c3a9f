"""Two matrices of triangle weights, as wide as the reduction asks for.

layers: numpy, opencv
"""
import functools

import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


@functools.lru_cache(maxsize=16)
def weights(given, wanted):
    scale = max(given / wanted, 1.0)
    centres = (np.arange(wanted) + 0.5) * (given / wanted)
    distance = np.abs(np.arange(given) + 0.5 - centres[:, None]) / scale
    found = np.maximum(1.0 - distance, 0.0).astype(np.float32)
    return found / found.sum(axis=1, keepdims=True)


def shrink(body):
    grey = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)
    small = weights(grey.shape[0], 600) @ grey.astype(np.float32) @ weights(grey.shape[1], 800).T
    samples = (small * (1023 / 255) + 0.5).astype(np.uint16)
    data = cv2.imencode(".png", samples, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1]
    return data.tobytes(), (800, 600)


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = shrink(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
