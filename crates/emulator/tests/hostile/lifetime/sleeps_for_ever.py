# Sleeps for ever.
# expect: error Sandbox.Timedout: Task timed out after 1.00 seconds
# log: Status: timeout
# with: {"Timeout": 1}
import time


def lambda_handler(event, context):
    while True:
        time.sleep(1000)
