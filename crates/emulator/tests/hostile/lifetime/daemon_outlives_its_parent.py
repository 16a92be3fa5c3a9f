# Forks twice and leaves the session, as daemons do, before its parent ends.
# expect: error Runtime.ExitError: Runtime exited without providing a reason
# with: {"Timeout": 10}
import os
import signal
import time


def lambda_handler(event, context):
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            time.sleep(600)
        os._exit(0)
    os.wait()
    os._exit(0)
