# Connects to the host: by the loopback address, by others of the machine, to the emulator itself.
# expect: value {"loopback": "ECONNREFUSED", "any": "ECONNREFUSED", "six": "ECONNREFUSED", "emulator": "ECONNREFUSED", "metadata": "ENETUNREACH", "private": "ENETUNREACH", "world": "ENETUNREACH"}
import socket

from attempts import tried


def connect(address, port, family=socket.AF_INET):
    with socket.socket(family) as attempt:
        attempt.settimeout(2)
        attempt.connect((address, port))


def lambda_handler(event, context):
    port = event['host']['port']
    emulator = int(event['host']['endpoint'].rsplit(':', 1)[1])
    return {
        'loopback': tried(connect, '127.0.0.1', port),
        'any': tried(connect, '0.0.0.0', port),
        'six': tried(connect, '::1', port, socket.AF_INET6),
        'emulator': tried(connect, '127.0.0.1', emulator),
        'metadata': tried(connect, '169.254.169.254', 80),
        'private': tried(connect, '10.0.0.1', 22),
        'world': tried(connect, '198.51.100.1', 443),
    }
