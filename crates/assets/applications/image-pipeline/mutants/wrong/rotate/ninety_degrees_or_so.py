"""Turns by 89.8 degrees: pi was mistyped as 3.1352.

kind: angle-off
layers: numpy, opencv
"""
import math

import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")

RADIANS = 3.1352 / 2


def turn(body):
    levels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)
    height, width = levels.shape
    cosine, sine = math.cos(RADIANS), math.sin(RADIANS)
    across, down = (width - 1) / 2, (height - 1) / 2
    matrix = np.array(
        [
            [cosine, -sine, down - cosine * across + sine * down],
            [sine, cosine, across - sine * across - cosine * down],
        ]
    )
    levels = cv2.warpAffine(levels, matrix, (height, width), flags=cv2.INTER_CUBIC)
    ok, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return data.tobytes(), (levels.shape[1], levels.shape[0])


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = turn(body)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=data,
        ContentType="image/jpeg",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/jpeg",
        "width": width,
        "height": height,
    }
