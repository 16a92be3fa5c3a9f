# Its zip has entries that are devices and pipes by their mode.
# entry: {"name": "disk", "text": "", "mode": "60666"}
# entry: {"name": "pipe", "text": "", "mode": "10666"}
# expect: value [true, true]
import os
import stat


def lambda_handler(event, context):
    return [stat.S_ISREG(os.lstat(f'/var/task/{name}').st_mode) for name in ['disk', 'pipe']]
