# Leaves a process that answers for this request while the next one runs.
# expect: value "first"
# expect: value "second"
# log: late 400
import os
import time

from attempts import runtime_api

calls = 0


def lambda_handler(event, context):
    global calls
    calls += 1
    if calls == 2:
        time.sleep(1)
        return 'second'
    if os.fork() == 0:
        time.sleep(0.5)
        status, _ = runtime_api('POST', f'invocation/{context.aws_request_id}/response', b'"late"')
        print('late', status, flush=True)
        os._exit(0)
    return 'first'
