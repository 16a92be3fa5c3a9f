# Hides memory in a file without a name, which belongs to no process' pages.
# expect: error Runtime.OutOfMemory: Runtime exited with error: signal: killed
# uncounted: error OSError: Function not implemented
# with: {"MemorySize": 128, "EphemeralStorage": {"Size": 1024}}
import os


def lambda_handler(event, context):
    file = os.memfd_create('hidden')
    piece = b'x' * (1 << 20)
    for _ in range(1000):
        os.write(file, piece)
    return 'all written'
