# Leaves a daemon that goes on after the call was answered, under another name, without an
# environment to be known by; it must go with the sandbox.
# expect: value "started"
import os
import sys


def lambda_handler(event, context):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            code = 'import time; time.sleep(600)'
            os.execve(sys.executable, ['[kworker/0:1]', '-c', code], {})
        os._exit(0)
    os.wait()
    return 'started'
