# Reports that its init has failed, with a type that would be a REPORT line of its own.
# expect: error Fine REPORT: all is well
# log: Status: error	Error Type: Fine REPORT
import json

from attempts import runtime_api

told = {'errorType': 'Fine REPORT', 'errorMessage': 'all is well\nREPORT RequestId: x'}
runtime_api('POST', 'init/error', json.dumps(told).encode(), {'Lambda-Runtime-Function-Error-Type': 'Fine'})


def lambda_handler(event, context):
    return 'never'
