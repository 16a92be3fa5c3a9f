# Takes its filter off, or puts one on top that would allow everything.
# expect: value {"mode": "2", "off": "EINVAL", "allow": "done", "after": "EPERM"}
import ctypes
import struct

from attempts import LIBC, name_of, syscall


def prctl(*arguments):
    ctypes.set_errno(0)
    return 'done' if LIBC.prctl(*arguments) >= 0 else name_of(ctypes.get_errno())


def lambda_handler(event, context):
    with open('/proc/self/status') as file:
        mode = [line.split()[1] for line in file if line.startswith('Seccomp:')]
    allow_all = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7FFF0000), 8)
    program = ctypes.create_string_buffer(struct.pack('HxxxxxxP', 1, ctypes.addressof(allow_all)))
    return {
        'mode': mode[0],
        'off': prctl(22, 0, 0, 0, 0),
        'allow': prctl(22, 2, program, 0, 0),
        'after': syscall('bpf', 0, bytes(128), 128),
    }
