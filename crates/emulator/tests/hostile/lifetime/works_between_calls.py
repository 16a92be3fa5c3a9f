# Leaves a thread and a child that compute between its calls, when they would take their time from
# others. What is left behind stops where it is, and goes on with the next call.
# expect: value "started"
# expect: value {"stopped": true, "goes on": true}
# wait: 1500
# with: {"Timeout": 30}
import os
import threading
import time

longest = 0.0
last = None


def work():
    global longest, last
    while True:
        now = time.monotonic()
        longest = max(longest, now - (last or now))
        last = now
        time.sleep(0.001)


def lambda_handler(event, context):
    if last is None:
        threading.Thread(target=work, daemon=True).start()
        if os.fork() == 0:
            while True:
                pass
        return 'started'
    before = last
    while last < before + 0.1:
        time.sleep(0.01)
    return {'stopped': longest > 0.7, 'goes on': last > before}
