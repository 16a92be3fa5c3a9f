# Reads at address zero, from native code.
# expect: error Runtime.ExitError: Runtime exited with error: signal: segmentation fault
import ctypes


def lambda_handler(event, context):
    return ctypes.string_at(0)
