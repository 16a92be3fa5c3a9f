"""IMREAD_UNCHANGED gives the samples as stored, so the orientation is lost.

kind: orientation-ignored
layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")
CONTENT_TYPE = "image/jpeg"


def grey(body):
    pixels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    return data.tobytes(), (pixels.shape[1], pixels.shape[0])


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = grey(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
