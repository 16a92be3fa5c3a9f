# Kills itself with SIGKILL.
# expect: error Runtime.ExitError: Runtime exited with error: signal: killed
import os
import signal


def lambda_handler(event, context):
    os.kill(os.getpid(), signal.SIGKILL)
