# Calls by the numbers of the x32 interface, which lists of numbers forget.
# only: x86_64
# expect: value ["ENOSYS", "ENOSYS", "ENOSYS", "ENOSYS"]
from attempts import syscall

X32 = 0x4000_0000


def lambda_handler(event, context):
    return [
        syscall('mount', b'none', b'/tmp', b'tmpfs', 0, 0, base=X32),
        syscall('unshare', 0x10000000, base=X32),
        syscall('bpf', 0, bytes(128), 128, base=X32),
        syscall('keyctl', 0, -3, 1, base=X32),
    ]
