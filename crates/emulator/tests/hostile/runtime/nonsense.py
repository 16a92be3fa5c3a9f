# Speaks to the Runtime API and to its S3 in everything but HTTP.
# expect: value "unharmed"
import os
import socket


def lambda_handler(event, context):
    nonsense = [
        b'\0' * 100_000,
        os.urandom(10_000),
        b'GET ' + b'/' * 200_000 + b' HTTP/1.1\r\n\r\n',
        b'GET / HTTP/1.1\r\n' + b'x: y\r\n' * 50_000 + b'\r\n',
        b'POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n',
        b'POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n',
        b'POST / HTTP/1.1\r\ncontent-length: 18446744073709551616\r\n\r\n',
        b'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    ]
    for port in [9001, 9002]:
        for words in nonsense:
            with socket.create_connection(('127.0.0.1', port), timeout=5) as connection:
                connection.settimeout(1)
                try:
                    connection.sendall(words)
                    connection.recv(4096)
                except OSError:
                    pass
    return 'unharmed'
