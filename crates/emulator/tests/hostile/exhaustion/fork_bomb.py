# Forks children that sleep until no more can be had, and leaves them all behind.
# expect: value {"error": "EAGAIN", "few": true}
# with: {"Timeout": 60}
import os
import time

from attempts import name_of


def lambda_handler(event, context):
    for count in range(5000):
        try:
            if os.fork() == 0:
                time.sleep(600)
                os._exit(0)
        except OSError as error:
            return {'error': name_of(error.errno), 'few': count < 1024}
    return count
