# Looks for what the host's environment would have told: paths, users, keys.
# expect: value []
import os

KNOWN = ('AWS_', '_AWS_', 'LAMBDA_')
ALSO = {'_X_AMZN_TRACE_ID', 'PATH', 'LANG', 'TZ', 'SHLVL', 'LD_LIBRARY_PATH', 'PYTHONPATH', 'LC_CTYPE', '_HANDLER'}


def lambda_handler(event, context):
    with open('/proc/self/environ', 'rb') as file:
        begun_with = [entry.split(b'=')[0].decode() for entry in file.read().split(b'\0') if entry]
    names = set(begun_with) | set(os.environ)
    return sorted(name for name in names if name not in ALSO and not name.startswith(KNOWN))
