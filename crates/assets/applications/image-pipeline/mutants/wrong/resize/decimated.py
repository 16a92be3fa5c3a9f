"""Drops rows and columns by slices, then interpolates what is left.

kind: nearest-neighbour
layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")


WIDTH, HEIGHT = 800, 600


def shrink(body):
    grey = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_GRAYSCALE)
    step_y, step_x = (max(1, side // wanted) for side, wanted in zip(grey.shape, (HEIGHT, WIDTH)))
    grey = grey[::step_y, ::step_x].astype(np.float32) * (1023 / 255)
    small = cv2.resize(grey, (WIDTH, HEIGHT), interpolation=cv2.INTER_LINEAR)
    ok, data = cv2.imencode(".png", np.rint(small).astype(np.uint16))
    return data.tobytes(), (WIDTH, HEIGHT)


def lambda_handler(event, context):
    body = s3.get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    data, (width, height) = shrink(body)
    s3.put_object(
        Bucket=event["output_bucket"],
        Key=event["output_key"],
        Body=data,
        ContentType="image/png",
    )
    return {
        "bucket": event["output_bucket"],
        "key": event["output_key"],
        "content_type": "image/png",
        "width": width,
        "height": height,
    }
