# Calls itself without end below Python's own guard, until the stack is full.
# expect: error Runtime.ExitError: Runtime exited with error: signal: segmentation fault
import ctypes


def lambda_handler(event, context):
    kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    import sys
    sys.setrecursionlimit(1 << 30)
    compare = kind(lambda a, b: sort() or 0)

    def sort():
        items = (ctypes.c_int * 2)(2, 1)
        ctypes.CDLL(None).qsort(items, 2, 4, compare)
    sort()
