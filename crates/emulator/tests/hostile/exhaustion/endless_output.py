# Prints for ever: it is ended in time, and its log ends.
# expect: error Sandbox.Timedout: Task timed out after 1.00 seconds
# log: more bytes of output were not kept
# with: {"Timeout": 1}


def lambda_handler(event, context):
    while True:
        print('x' * 1000)
