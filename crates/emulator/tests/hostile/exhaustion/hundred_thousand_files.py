# Makes 100,000 files in /tmp and leaves them there.
# expect: value 100000
# with: {"MemorySize": 1769, "Timeout": 60}
import os


def lambda_handler(event, context):
    for number in range(100_000):
        os.close(os.open(f'/tmp/{number}', os.O_CREAT | os.O_WRONLY))
    return len(os.listdir('/tmp'))
