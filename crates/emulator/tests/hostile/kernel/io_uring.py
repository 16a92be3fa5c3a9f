# Sets up io_uring, whose operations no filter of system calls sees.
# expect: value ["EPERM", "EPERM", "EPERM"]
from attempts import syscall


def lambda_handler(event, context):
    return [
        syscall('io_uring_setup', 8, bytes(120)),
        syscall('io_uring_enter', 3, 1, 0, 0, 0, 0),
        syscall('io_uring_register', 3, 0, 0, 0),
    ]
