# Computes in eight processes at once: together they get one share.
# expect: value "one share"
# with: {"MemorySize": 512, "Timeout": 60}
import os
import resource
import time


def lambda_handler(event, context):
    begin = time.monotonic()
    for _ in range(8):
        if os.fork() == 0:
            while time.monotonic() - begin < 2:
                pass
            os._exit(0)
    for _ in range(8):
        os.wait()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    share = (used.ru_utime + used.ru_stime) / (time.monotonic() - begin)
    return 'one share' if share < 512 / 1769 * 1.1 else share
