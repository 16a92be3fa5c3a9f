# Answers the Runtime API itself, and then returns something else, which is an answer too many.
# expect: value "the first answer"
# log: second 403 InvalidStateTransition
import json

from attempts import runtime_api


def lambda_handler(event, context):
    path = f'invocation/{context.aws_request_id}/response'
    runtime_api('POST', path, b'"the first answer"')
    status, answer = runtime_api('POST', path, b'"the second answer"')
    print('second', status, json.loads(answer)['errorType'], flush=True)
    return 'the third answer'
