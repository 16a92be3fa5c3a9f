# Runs bytes that are no instruction.
# only: x86_64
# expect: error Runtime.ExitError: Runtime exited with error: signal: illegal instruction
import ctypes
import mmap


def lambda_handler(event, context):
    protection = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    page = mmap.mmap(-1, 4096, prot=protection)
    page.write(bytes([0x0F, 0x0B]))
    place = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(place)()
