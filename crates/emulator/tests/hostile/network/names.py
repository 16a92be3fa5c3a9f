# Asks for names, by the resolver and by packets of its own, which would carry words out.
# expect: value {"name": "no answer", "packet": "ENETUNREACH", "loopback": "ECONNREFUSED", "multicast": "ENETUNREACH"}
import socket

from attempts import tried


def lookup():
    try:
        return socket.getaddrinfo('words-carried-out.example.org', 80)[0][4][0]
    except socket.gaierror:
        return 'no answer'


def send(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as attempt:
        attempt.settimeout(1)
        attempt.connect((address, 53))
        attempt.send(b'\0' * 32)
        attempt.recv(512)


def lambda_handler(event, context):
    return {
        'name': lookup(),
        'packet': tried(send, '198.51.100.1'),
        'loopback': tried(send, '127.0.0.53'),
        'multicast': tried(send, '224.0.0.251'),
    }
