# Makes empty files, which take no room in /tmp but memory of the kernel, until they are refused.
# expect: value {"error": "ENOSPC", "many": true}
# with: {"MemorySize": 1769, "Timeout": 60}
import os

from attempts import name_of


def lambda_handler(event, context):
    count = 0
    try:
        while count < 1_000_000:
            os.mkdir(f'/tmp/{count}')
            count += 1
    except OSError as error:
        return {'error': name_of(error.errno), 'many': count > 100_000}
    return count
