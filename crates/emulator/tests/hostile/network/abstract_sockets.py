# Connects to a socket of the host that has no path, which no root hides.
# expect: value ["ECONNREFUSED", "ECONNREFUSED", "ECONNREFUSED"]
import socket

from attempts import tried


def connect(name, kind):
    with socket.socket(socket.AF_UNIX, kind) as attempt:
        attempt.connect(name)


def lambda_handler(event, context):
    name = '\0' + event['host']['abstract']
    return [
        tried(connect, name, socket.SOCK_STREAM),
        tried(connect, name, socket.SOCK_DGRAM),
        tried(connect, '\0/tmp/.X11-unix/X0', socket.SOCK_STREAM),
    ]
