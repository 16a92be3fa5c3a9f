# Starts threads until no more can be had; they count as processes do.
# expect: value {"refused": true, "few": true}
# with: {"Timeout": 60}
import threading

stop = threading.Event()


def lambda_handler(event, context):
    threading.stack_size(64 << 10)
    count, refused = 0, False
    try:
        for count in range(5000):
            threading.Thread(target=stop.wait, daemon=True).start()
    except RuntimeError:
        refused = True
    stop.set()
    return {'refused': refused, 'few': count < 1024}
