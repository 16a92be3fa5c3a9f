# Computes without a pause: it gets the share that its memory buys, no more.
# expect: value "its share"
# with: {"MemorySize": 512, "Timeout": 60}
import os
import time

SHARE = 512 / 1769


def share_of(seconds):
    begin, used = time.monotonic(), time.process_time()
    while time.monotonic() - begin < seconds:
        pass
    return (time.process_time() - used) / (time.monotonic() - begin)


def lambda_handler(event, context):
    # What it had saved up is spent first.
    share_of(0.2)
    shares = []
    for _ in range(6):
        shares.append(share_of(1))
        if shares[-1] > SHARE * 1.05:
            break
        # A machine that is too busy may give less than the share.
        busy = os.getloadavg()[0] > os.cpu_count()
        if shares[-1] > SHARE * (0.5 if busy else 0.95):
            return 'its share'
    return shares
