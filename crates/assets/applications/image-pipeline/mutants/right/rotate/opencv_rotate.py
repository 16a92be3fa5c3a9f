"""OpenCV from PNG to JPEG.

layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")


def turn(body):
    levels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_UNCHANGED)
    levels = cv2.rotate(levels, cv2.ROTATE_90_CLOCKWISE)
    ok, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, 95])
    if not ok:
        raise RuntimeError("the picture cannot be encoded")
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
