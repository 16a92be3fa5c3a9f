# Its zip has programs with the bits that lend their owner's rights.
# entry: {"name": "program", "text": "#!/bin/sh\n", "mode": "106755"}
# entry: {"name": "sticky", "text": "", "mode": "101777"}
# expect: value ["0o755", "0o755", true]
import os


def lambda_handler(event, context):
    modes = [oct(os.stat(f'/var/task/{name}').st_mode & 0o7777) for name in ['program', 'sticky']]
    return modes + [bool(os.statvfs('/var/task').f_flag & os.ST_NOSUID)]
