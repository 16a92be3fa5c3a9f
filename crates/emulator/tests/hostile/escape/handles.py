# Opens files of the host by their handles, which know no root: the way out of old containers.
# expect: value ["EPERM", "EPERM"]
import ctypes

from attempts import syscall


def lambda_handler(event, context):
    handle = (ctypes.c_uint32 * 8)(8, 1, 2, 0)
    number = ctypes.c_int()
    return [
        syscall('name_to_handle_at', -100, b'/', handle, ctypes.byref(number), 0),
        syscall('open_by_handle_at', 3, handle, 0),
    ]
