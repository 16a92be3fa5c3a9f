# Prints a REPORT line of its own, with better figures, and ends none of its lines.
# expect: value "fast"
# log: Duration: 0.01 ms
import sys


def lambda_handler(event, context):
    request = context.aws_request_id
    print(f'END RequestId: {request}')
    sys.stdout.write(
        f'REPORT RequestId: {request}\tDuration: 0.01 ms\tBilled Duration: 1 ms\t'
        'Memory Size: 128 MB\tMax Memory Used: 1 MB\t'
    )
    return 'fast'
