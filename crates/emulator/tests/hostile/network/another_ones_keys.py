# Signs for its S3 with keys that it has made up, and with none.
# expect: value ["InvalidAccessKeyId", "SignatureDoesNotMatch", 403]
import os
import urllib.error
import urllib.request

import boto3

from attempts import refusal


def lambda_handler(event, context):
    wrong = [('AKIAIOSFODNN7EXAMPLE', 'x'), (os.environ['AWS_ACCESS_KEY_ID'], 'not the key')]
    told = []
    for key, secret in wrong:
        store = boto3.client('s3', aws_access_key_id=key, aws_secret_access_key=secret)
        told.append(refusal(store.put_object, Bucket='ours', Key='x', Body=b'x'))
    try:
        urllib.request.urlopen('http://127.0.0.1:9002/ours/x')
    except urllib.error.HTTPError as error:
        told.append(error.code)
    return told
