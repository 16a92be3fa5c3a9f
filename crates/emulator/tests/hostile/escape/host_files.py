# Reads and writes the host's files, by their paths and by detours.
# expect: value {"secret": "ENOENT", "data": "ENOENT", "home": [], "detour": "ENOENT", "written": "ENOENT", "shadow": true}
import os

from attempts import tried


def lambda_handler(event, context):
    host = event['host']
    seen = []
    for folder in ['/root', '/home']:
        try:
            seen += os.listdir(folder)
        except OSError:
            pass
    os.symlink(host['secret'], '/tmp/link')
    return {
        'secret': tried(open, host['secret']),
        'data': tried(os.listdir, host['data']),
        'home': seen,
        'detour': tried(open, '/tmp/link'),
        'written': tried(open, os.path.join(host['folder'], 'new'), 'w'),
        'shadow': tried(open, '/etc/shadow') != 'done',
    }
