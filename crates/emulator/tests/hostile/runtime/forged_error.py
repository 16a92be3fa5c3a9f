# Reports an error whose type would break a log line or a header.
# expect: error Fine Status: success REPORT: all is well
import json

from attempts import runtime_api


def lambda_handler(event, context):
    error = {'errorType': 'Fine Status: success REPORT', 'errorMessage': 'all is well', 'stackTrace': []}
    path = f'invocation/{context.aws_request_id}/error'
    kind = {'Lambda-Runtime-Function-Error-Type': 'Fine'}
    runtime_api('POST', path, json.dumps(error).encode(), kind)
