# Raises SystemExit, which no handler of exceptions catches.
# expect: error Runtime.ExitError: Runtime exited with error: exit status 5
import sys


def lambda_handler(event, context):
    sys.exit(5)
