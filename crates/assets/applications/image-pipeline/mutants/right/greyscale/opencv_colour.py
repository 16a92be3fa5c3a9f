"""OpenCV in colour, then by its own conversion; written progressively.

layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def grey(body):
    colours = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    if colours is None:
        raise ValueError("not a picture")
    levels = cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY)
    options = [cv2.IMWRITE_JPEG_QUALITY, 95, cv2.IMWRITE_JPEG_PROGRESSIVE, 1]
    return cv2.imencode(".jpg", levels, options)[1].tobytes(), levels.shape[::-1]


def lambda_handler(event, context):
    data, size = grey(read(event["bucket"], event["key"]))
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
