# Fills /tmp, which is in memory here, beyond the function's memory.
# expect: error Runtime.OutOfMemory: Runtime exited with error: signal: killed
# uncounted: value "all written"
# with: {"MemorySize": 128}


def lambda_handler(event, context):
    with open('/tmp/big', 'wb') as file:
        for _ in range(400):
            file.write(b'x' * (1 << 20))
    return 'all written'
