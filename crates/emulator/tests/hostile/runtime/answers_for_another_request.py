# Answers for requests that it was not given: made-up ones, broken ones, none.
# expect: value [[400, "InvalidRequestID"], [400, "InvalidRequestID"], [400, "InvalidRequestID"], 404]
import json

from attempts import runtime_api


def post(path):
    status, answer = runtime_api('POST', path, b'"forged"')
    return [status, json.loads(answer)['errorType']]


def lambda_handler(event, context):
    return [
        post('invocation/00000000-0000-4000-8000-000000000000/response'),
        post('invocation/00000000-0000-4000-8000-000000000000/error'),
        post('invocation/%2e%2e/response'),
        runtime_api('POST', 'invocation//x/response', b'"forged"')[0],
    ]
