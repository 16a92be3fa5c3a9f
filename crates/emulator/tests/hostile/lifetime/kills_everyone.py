# Kills everyone it may, then the first process, which the kernel does not let it, then the host's.
# expect: value ["ESRCH", "done", "ESRCH", "ESRCH"]
import os
import signal

from attempts import tried


def lambda_handler(event, context):
    return [
        tried(os.kill, -1, signal.SIGKILL),
        tried(os.kill, 1, signal.SIGKILL),
        tried(os.kill, event['host']['pid'] + (1 << 22), signal.SIGKILL),
        tried(os.killpg, 4_000_000, signal.SIGKILL),
    ]
