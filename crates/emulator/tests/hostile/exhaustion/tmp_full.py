# Writes to /tmp, in many files, until it is full.
# expect: value {"error": "ENOSPC", "megabytes": 512}
# with: {"MemorySize": 1769, "Timeout": 60}
from attempts import name_of


def lambda_handler(event, context):
    written = 0
    try:
        for number in range(2000):
            with open(f'/tmp/{number}', 'wb', buffering=0) as file:
                written += file.write(b'x' * (1 << 20))
    except OSError as error:
        return {'error': name_of(error.errno), 'megabytes': round(written / (1 << 20))}
    return written
