# Takes all memory while it is imported.
# expect: error Runtime.OutOfMemory: Runtime exited with error: signal: killed
# with: {"MemorySize": 128}
eaten = []
while True:
    eaten.append(bytearray(b'x' * 10_000_000))
