# Reports an error in bytes that are no JSON.
# expect: error Odd: none
from attempts import runtime_api


def lambda_handler(event, context):
    path = f'invocation/{context.aws_request_id}/error'
    runtime_api('POST', path, b'\xff\xfe{', {'Lambda-Runtime-Function-Error-Type': 'Odd'})
