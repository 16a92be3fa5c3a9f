# Crashes with much memory, after asking for a core file of it.
# expect: error Runtime.ExitError: Runtime exited with error: signal: segmentation fault
import ctypes
import os
import resource


def lambda_handler(event, context):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
    except ValueError:
        pass
    os.chdir('/tmp')
    held = bytearray(b'x' * 50_000_000)
    return ctypes.string_at(0) + held
