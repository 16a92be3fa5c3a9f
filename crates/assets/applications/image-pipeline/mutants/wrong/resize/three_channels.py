"""OpenCV decodes to colour unless told otherwise: an RGB picture of 16 bits.

kind: colour-output
layers: numpy, opencv
"""
import boto3
import cv2
import numpy as np

s3 = boto3.client("s3")
CONTENT_TYPE = "image/png"


def shrink(body):
    pixels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
    small = cv2.resize(np.float32(pixels), (800, 600), interpolation=cv2.INTER_AREA)
    samples = np.rint(small * (1023 / 255)).astype(np.uint16)
    ok, data = cv2.imencode(".png", samples, [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return data.tobytes(), (800, 600)


def lambda_handler(event, context):
    data, size = shrink(read(event["bucket"], event["key"]))
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
