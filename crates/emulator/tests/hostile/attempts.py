"""What many attacks share: to try something and tell what came of it; bare system calls."""

import ctypes
import errno
import os
import platform
import urllib.error
import urllib.request

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long
ARM = platform.machine() == 'aarch64'

# The kernel's numbers on x86_64 and on arm64.
NUMBERS = {
    'ptrace': (101, 117),
    'mount': (165, 40),
    'umount2': (166, 39),
    'pivot_root': (155, 41),
    'chroot': (161, 51),
    'init_module': (175, 105),
    'finit_module': (313, 273),
    'delete_module': (176, 106),
    'kexec_load': (246, 104),
    'kexec_file_load': (320, 294),
    'reboot': (169, 142),
    'swapon': (167, 224),
    'acct': (163, 89),
    'settimeofday': (164, 170),
    'clock_settime': (227, 112),
    'syslog': (103, 116),
    'sethostname': (170, 161),
    'quotactl': (179, 60),
    'add_key': (248, 217),
    'request_key': (249, 218),
    'keyctl': (250, 219),
    'unshare': (272, 97),
    'clone': (56, 220),
    'clone3': (435, 435),
    'setns': (308, 268),
    'perf_event_open': (298, 241),
    'fanotify_init': (300, 262),
    'name_to_handle_at': (303, 264),
    'open_by_handle_at': (304, 265),
    'process_vm_readv': (310, 270),
    'process_vm_writev': (311, 271),
    'kcmp': (312, 272),
    'bpf': (321, 280),
    'userfaultfd': (323, 282),
    'memfd_create': (319, 279),
    'io_uring_setup': (425, 425),
    'io_uring_enter': (426, 426),
    'io_uring_register': (427, 427),
    'open_tree': (428, 428),
    'move_mount': (429, 429),
    'fsopen': (430, 430),
    'fsconfig': (431, 431),
    'fsmount': (432, 432),
    'fspick': (433, 433),
    'pidfd_open': (434, 434),
    'pidfd_getfd': (438, 438),
    'mount_setattr': (442, 442),
    'quotactl_fd': (443, 443),
    'open_tree_attr': (467, 467),
    'capset': (126, 91),
    'shmget': (29, 194),
}


def name_of(number):
    return errno.errorcode.get(number, str(number))


def tried(call, *arguments):
    """'done', or the name of the error that the kernel answered."""
    try:
        call(*arguments)
    except OSError as error:
        return name_of(error.errno)
    return 'done'


def syscall(name, *arguments, base=0):
    """What the kernel answers to a bare call: 'done' or the error's name."""
    number = base + NUMBERS[name][ARM]
    as_given = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    ctypes.set_errno(0)
    answer = LIBC.syscall(ctypes.c_long(number), *as_given)
    return 'done' if answer >= 0 else name_of(ctypes.get_errno())


def runtime_api(method, path, body=None, headers={}):
    """Status and answer of the Runtime API."""
    address = f'http://127.0.0.1:9001/2018-06-01/runtime/{path}'
    request = urllib.request.Request(address, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def s3():
    """The function's own S3."""
    import boto3
    from botocore.config import Config
    return boto3.client('s3', config=Config(retries={'total_max_attempts': 1}))


def refusal(call, **arguments):
    """The code of S3's refusal, or 'done'."""
    from botocore.exceptions import ClientError
    try:
        call(**arguments)
    except ClientError as error:
        return error.response['Error']['Code']
    return 'done'
