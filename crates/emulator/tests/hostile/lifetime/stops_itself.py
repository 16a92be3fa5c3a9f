# Stops itself and its children by SIGSTOP, so that nobody of them can be asked to end.
# expect: error Sandbox.Timedout: Task timed out after 1.00 seconds
# with: {"Timeout": 1}
import os
import signal


def lambda_handler(event, context):
    for _ in range(4):
        os.fork()
    os.kill(os.getpid(), signal.SIGSTOP)
