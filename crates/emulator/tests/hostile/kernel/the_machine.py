# Loads modules and kernels, turns the machine off, sets its clock, swaps, reads its log.
# expect: value {"init_module": "EPERM", "finit_module": "EPERM", "delete_module": "EPERM", "kexec_load": "EPERM", "kexec_file_load": "EPERM", "reboot": "EPERM", "swapon": "EPERM", "acct": "EPERM", "settimeofday": "EPERM", "clock_settime": "EPERM", "syslog": "EPERM", "sethostname": "EPERM", "quotactl": "EPERM", "quotactl_fd": "EPERM"}
import struct

from attempts import syscall


def lambda_handler(event, context):
    now = struct.pack('qq', 0, 0)
    return {
        'init_module': syscall('init_module', bytes(64), 64, b''),
        'finit_module': syscall('finit_module', 0, b'', 0),
        'delete_module': syscall('delete_module', b'ext4', 0),
        'kexec_load': syscall('kexec_load', 0, 0, 0, 0),
        'kexec_file_load': syscall('kexec_file_load', 0, 0, 0, b'', 0),
        'reboot': syscall('reboot', -18751827, 672274793, 0x4321FEDC, 0),
        'swapon': syscall('swapon', b'/tmp/file', 0),
        'acct': syscall('acct', b'/tmp/file'),
        'settimeofday': syscall('settimeofday', now, 0),
        'clock_settime': syscall('clock_settime', 0, now),
        'syslog': syscall('syslog', 3, bytes(64), 64),
        'sethostname': syscall('sethostname', b'x', 1),
        'quotactl': syscall('quotactl', 0, 0, 0, 0),
        'quotactl_fd': syscall('quotactl_fd', 0, 0, 0, 0),
    }
