# Reserves far more address space than the machine has, then writes to it page by page.
# expect: error Runtime.OutOfMemory: Runtime exited with error: signal: killed
# with: {"MemorySize": 128}
import mmap


def lambda_handler(event, context):
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_NORESERVE
    room = mmap.mmap(-1, 1 << 34, flags=flags)
    for at in range(0, len(room), 4096):
        room[at] = 1
