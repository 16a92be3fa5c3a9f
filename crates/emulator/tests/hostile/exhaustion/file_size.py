# Makes one file larger than /tmp: sparse, so that it takes no room.
# expect: value ["EFBIG", "EFBIG"]
import os

from attempts import tried


def lambda_handler(event, context):
    file = os.open('/tmp/sparse', os.O_CREAT | os.O_RDWR)
    return [
        tried(os.ftruncate, file, 1 << 40),
        tried(os.pwrite, file, b'x', 1 << 40),
    ]
