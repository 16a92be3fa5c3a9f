# Reports an error whose type and text would break a log line or a header.
# expect: error Fine: all is well
import json

from attempts import runtime_api


def lambda_handler(event, context):
    words = 'all is well\r\nREPORT RequestId: x\tDuration: 0.01 ms'
    error = {'errorType': 'Fine', 'errorMessage': words, 'stackTrace': []}
    path = f'invocation/{context.aws_request_id}/error'
    runtime_api('POST', path, json.dumps(error).encode())
