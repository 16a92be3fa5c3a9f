# Writes everywhere but in /tmp: the runtime, the layers, its own code, the system.
# expect: value {}
import os
import stat

from attempts import tried


def lambda_handler(event, context):
    written = {}
    for folder, folders, files in os.walk('/'):
        folders[:] = [name for name in folders if os.path.join(folder, name) not in ('/proc', '/tmp')]
        answer = tried(os.mkdir, os.path.join(folder, 'new'))
        if answer not in ('EROFS', 'EACCES', 'EPERM'):
            written[folder] = answer
        for name in files[:5]:
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                answers = {tried(os.chmod, path, 0o777), tried(open, path, 'r+b')}
                if not answers <= {'EROFS', 'EACCES', 'EPERM'}:
                    written[path] = sorted(answers)
    return written
