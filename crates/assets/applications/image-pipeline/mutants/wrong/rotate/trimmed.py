"""Trims to whole blocks of sixteen, as lossless rotation does: 592x800.

kind: cropped
layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def turn(body):
    levels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)
    height, width = levels.shape
    levels = levels[: height // 16 * 16, : width // 16 * 16]
    levels = cv2.rotate(levels, cv2.ROTATE_90_CLOCKWISE)
    ok, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return data.tobytes(), (levels.shape[1], levels.shape[0])


def lambda_handler(event, context):
    data, size = turn(read(event["bucket"], event["key"]))
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
