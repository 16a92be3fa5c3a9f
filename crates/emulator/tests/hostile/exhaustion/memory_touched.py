# Takes memory and writes to every page of it, without end.
# expect: error Runtime.OutOfMemory: Runtime exited with error: signal: killed
# log: Error Type: Runtime.OutOfMemory
# with: {"MemorySize": 128}


def lambda_handler(event, context):
    eaten = []
    while True:
        eaten.append(bytearray(b'x' * 10_000_000))
