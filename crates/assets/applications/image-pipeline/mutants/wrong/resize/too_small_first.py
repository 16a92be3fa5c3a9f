"""Decodes at an eighth, which is less than 800x600, and enlarges.

kind: detail-lost
layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def shrink(body):
    flag = cv2.IMREAD_REDUCED_GRAYSCALE_8
    grey = cv2.imdecode(np.frombuffer(body, np.uint8), flag)
    large = cv2.resize(grey.astype(np.float32), (800, 600), interpolation=cv2.INTER_CUBIC)
    samples = np.clip(np.rint(large * (1023 / 255)), 0, 1023).astype(np.uint16)
    ok, data = cv2.imencode(".png", samples, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return data.tobytes(), (800, 600)


def lambda_handler(event, context):
    source = s3.get_object(Bucket=event["bucket"], Key=event["key"])
    data, size = shrink(source["Body"].read())
    bucket, key = event["output_bucket"], event["output_key"]
    s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=CONTENT_TYPE)
    width, height = size
    return dict(bucket=bucket, key=key, content_type=CONTENT_TYPE, width=width, height=height)
