# Leaves files, variables and a changed environment: the next call of the same sandbox finds them,
# as on Lambda, and no other function does.
# expect: value [0, []]
# expect: value [1, ["left"]]
import os

calls = 0


def lambda_handler(event, context):
    global calls
    seen = [calls, os.listdir('/tmp')]
    calls += 1
    os.environ['LEFT'] = 'behind'
    with open('/tmp/left', 'w') as file:
        file.write('behind')
    return seen
