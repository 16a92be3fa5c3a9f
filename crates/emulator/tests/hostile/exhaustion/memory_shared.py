# Hides memory in segments of System V that nobody has attached.
# expect: error Runtime.OutOfMemory: Runtime exited with error: signal: killed
# uncounted: error OSError: Function not implemented
# with: {"MemorySize": 128}
import ctypes
import os

from attempts import LIBC


def lambda_handler(event, context):
    LIBC.shmat.restype = ctypes.c_void_p
    for _ in range(64):
        segment = LIBC.shmget(0, 16 << 20, 0o1600)
        if segment < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        place = LIBC.shmat(segment, None, 0)
        ctypes.memset(place, 1, 16 << 20)
        LIBC.shmdt(ctypes.c_void_p(place))
    return 'all written'
