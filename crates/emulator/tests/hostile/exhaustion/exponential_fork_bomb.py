# Forks in every child as well, for as long as it can: each process starts two more.
# expect: error Sandbox.Timedout: Task timed out after 1.00 seconds
# with: {"Timeout": 1}
import os


def lambda_handler(event, context):
    while True:
        try:
            os.fork()
        except OSError:
            pass
