# Makes hard links to files that are not its own, to change them by another name, and moves them.
# expect: value ["EXDEV", "EXDEV", "EXDEV", "refused"]
import os

from attempts import tried


def lambda_handler(event, context):
    own = '/var/task/lambda_function.py'
    told = [
        tried(os.link, own, '/tmp/linked'),
        tried(os.link, '/var/runtime/bootstrap.py', '/tmp/runtime'),
        tried(os.rename, own, '/tmp/moved'),
    ]
    with open('/tmp/new', 'w'):
        pass
    os.symlink(own, '/tmp/soft')
    written = tried(open, '/tmp/soft', 'a')
    return told + ['refused' if written in ('EROFS', 'EACCES') else written]
