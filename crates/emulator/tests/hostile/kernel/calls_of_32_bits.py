# Calls by the gate for 32-bit programs, where all numbers are others, from code of its own making.
# only: x86_64
# expect: error Runtime.ExitError: Runtime exited with error: signal: bad system call
import ctypes
import mmap


def lambda_handler(event, context):
    # mov eax, 20 (getpid); int 0x80; ret
    code = bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3])
    protection = mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC
    page = mmap.mmap(-1, 4096, prot=protection)
    page.write(code)
    place = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(place)()
