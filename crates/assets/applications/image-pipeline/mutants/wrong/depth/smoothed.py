"""Smooths the picture while it is at it, against the steps between levels.

kind: blurred
layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def narrow(body):
    samples = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED)
    samples = cv2.blur(np.minimum(samples, 1023), (3, 3))
    levels = cv2.convertScaleAbs(samples, alpha=255 / 1023)
    ok, data = cv2.imencode(".png", levels, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return data.tobytes(), (levels.shape[1], levels.shape[0])


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = narrow(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
