# Makes namespaces of its own, in which it would have rights again, by every call that can.
# expect: value {"unshare": ["EPERM"], "clone": ["EPERM"], "clone3": "ENOSYS", "setns": ["EPERM"]}
import ctypes
import os

from attempts import syscall

FLAGS = [0x10000000, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x20000000, 0x40000000, 0x80]
KINDS = ['user', 'mnt', 'pid', 'net', 'ipc', 'uts', 'cgroup']


def lambda_handler(event, context):
    arguments = (ctypes.c_uint64 * 11)(FLAGS[0])
    setns = set()
    for kind in KINDS:
        own = os.open(f'/proc/self/ns/{kind}', os.O_RDONLY)
        setns.add(syscall('setns', own, 0))
    return {
        'unshare': sorted({syscall('unshare', flag) for flag in FLAGS}),
        'clone': sorted({syscall('clone', flag | 17, 0, 0, 0, 0) for flag in FLAGS if flag != 0x80}),
        'clone3': syscall('clone3', arguments, ctypes.sizeof(arguments)),
        'setns': sorted(setns),
    }
