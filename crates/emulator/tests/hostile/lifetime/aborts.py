# Aborts, as a C library does whose own memory is broken.
# expect: error Runtime.ExitError: Runtime exited with error: signal: aborted
from attempts import LIBC


def lambda_handler(event, context):
    LIBC.abort()
