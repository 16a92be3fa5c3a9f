# Calls Lambda's control plane with the function's own keys, signed, at its S3 and its Runtime API.
# expect: value {"list": "refused", "create": "refused", "runtime": 404, "buckets": "AccessDenied", "new": "AccessDenied", "gone": "AccessDenied"}
import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from attempts import refusal, runtime_api, s3


def refused(call, **arguments):
    try:
        call(**arguments)
    except (BotoCoreError, ClientError):
        return 'refused'
    return 'done'


def lambda_handler(event, context):
    plane = boto3.client('lambda', config=Config(retries={'total_max_attempts': 1}))
    store = s3()
    return {
        'list': refused(plane.list_functions),
        'create': refused(plane.invoke, FunctionName='next'),
        'runtime': runtime_api('GET', '../../2015-03-31/functions')[0],
        'buckets': refusal(store.list_buckets),
        'new': refusal(store.create_bucket, Bucket='a-new-one'),
        'gone': refusal(store.delete_bucket, Bucket='ours'),
    }
