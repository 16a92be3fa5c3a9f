"""Turns grey back to three channels before it is encoded.

kind: three-components
layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")


def grey(body):
    colours = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    levels = cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY)
    levels = cv2.cvtColor(levels, cv2.COLOR_GRAY2BGR)
    ok, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    return data.tobytes(), (levels.shape[1], levels.shape[0])


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = grey(body)
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
