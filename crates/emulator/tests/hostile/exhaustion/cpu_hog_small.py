# Computes without a pause at the smallest size, which buys a fourteenth of a core.
# expect: value "its share"
# with: {"MemorySize": 128, "Timeout": 60}
import os
import time

SHARE = 128 / 1769


def share_of(seconds):
    begin, used = time.monotonic(), time.process_time()
    while time.monotonic() - begin < seconds:
        pass
    return (time.process_time() - used) / (time.monotonic() - begin)


def lambda_handler(event, context):
    share_of(0.2)
    shares = []
    for _ in range(6):
        shares.append(share_of(2))
        if shares[-1] > SHARE * 1.05:
            break
        # A machine that is too busy may give less than the share.
        busy = os.getloadavg()[0] > os.cpu_count()
        if shares[-1] > SHARE * (0.5 if busy else 0.95):
            return 'its share'
    return shares
