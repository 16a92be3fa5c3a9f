# Prints 30 MB, from a child of a child as well, and then answers.
# expect: value "done"
# log: more bytes of output were not kept
# with: {"Timeout": 30}
import subprocess
import sys


def lambda_handler(event, context):
    for _ in range(15_000):
        print('y' * 1000)
    flood = "for _ in range(15_000): print('z' * 1000)"
    subprocess.run([sys.executable, '-c', flood], check=True)
    return 'done'
