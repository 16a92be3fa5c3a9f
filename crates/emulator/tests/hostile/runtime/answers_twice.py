# Answers the Runtime API itself, twice, and goes on to serve the next event in its own way.
# expect: value "the first answer"
# expect: value [202, 403, "InvalidStateTransition"]
import json
import urllib.request

from attempts import runtime_api

NEXT = 'http://127.0.0.1:9001/2018-06-01/runtime/invocation/next'


def lambda_handler(event, context):
    path = f'invocation/{context.aws_request_id}/response'
    first, _ = runtime_api('POST', path, b'"the first answer"')
    second, answer = runtime_api('POST', path, b'"the second answer"')
    with urllib.request.urlopen(NEXT) as event:
        request = event.headers['Lambda-Runtime-Aws-Request-Id']
    told = [first, second, json.loads(answer)['errorType']]
    runtime_api('POST', f'invocation/{request}/response', json.dumps(told).encode())
