# Takes memory in many processes, each of which alone stays within the limit.
# expect: error Runtime.OutOfMemory: Runtime exited with error: signal: killed
# with: {"MemorySize": 256, "Timeout": 60}
import os
import signal
import time


def lambda_handler(event, context):
    # The kernel may take the children one after the other: they take the parent along.
    for _ in range(10):
        if os.fork() == 0:
            eaten = bytearray(b'x' * 40_000_000)
            time.sleep(600)
            os._exit(len(eaten))
    while True:
        _, status = os.wait()
        if os.WIFSIGNALED(status):
            os.kill(os.getpid(), signal.SIGKILL)
