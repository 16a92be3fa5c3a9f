# Calls itself without end below Python's own guard, until the stack is full.
# only: x86_64
# expect: error Runtime.ExitError: Runtime exited with error: signal: segmentation fault
import ctypes
import mmap


def lambda_handler(event, context):
    protection = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    page = mmap.mmap(-1, 4096, prot=protection)
    # A call to itself.
    page.write(bytes([0xE8, 0xFB, 0xFF, 0xFF, 0xFF]))
    place = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(place)()
