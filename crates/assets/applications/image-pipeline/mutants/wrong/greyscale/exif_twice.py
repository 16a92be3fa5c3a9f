"""OpenCV has turned the picture already, and the code turns it once more.

kind: orientation-twice
layers: pillow, numpy, opencv
"""
import io

import boto3
import cv2
import numpy as np
from PIL import Image

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def grey(body):
    orientation = Image.open(io.BytesIO(body)).getexif().get(274, 1)
    levels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)
    if orientation == 3:
        levels = cv2.rotate(levels, cv2.ROTATE_180)
    elif orientation == 6:
        levels = cv2.rotate(levels, cv2.ROTATE_90_CLOCKWISE)
    elif orientation == 8:
        levels = cv2.rotate(levels, cv2.ROTATE_90_COUNTERCLOCKWISE)
    ok, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return data.tobytes(), levels.shape[::-1]


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
