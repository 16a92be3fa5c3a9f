# Ends without a word, by a way that no exception handler sees.
# expect: error Runtime.ExitError: Runtime exited with error: exit status 3
# log: last words
import os


def lambda_handler(event, context):
    print('last words', flush=True)
    os._exit(3)
