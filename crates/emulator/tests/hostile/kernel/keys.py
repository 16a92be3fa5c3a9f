# Looks for keys that the host's users left in the kernel's keyrings, and adds one.
# expect: value {"add_key": "EPERM", "request_key": "EPERM", "session": "EPERM", "read": "EPERM"}
from attempts import syscall


def lambda_handler(event, context):
    return {
        'add_key': syscall('add_key', b'user', b'name', b'value', 5, -3),
        'request_key': syscall('request_key', b'user', b'name', 0, 0),
        'session': syscall('keyctl', 0, -3, 1),
        'read': syscall('keyctl', 11, -3, bytes(64), 64),
    }
