# Opens connections to both of its sockets, sends half a request on each, and keeps them.
# expect: value "answered all the same"
# with: {"Timeout": 30}
import socket

kept = []


def lambda_handler(event, context):
    late = 0
    while len(kept) < 130 and late < 4:
        port = 9002 if len(kept) % 3 else 9001
        try:
            connection = socket.create_connection(('127.0.0.1', port), timeout=1)
            connection.sendall(b'POST /2018-06-01/runtime/init/error HTTP/1.1\r\ncontent-le')
            kept.append(connection)
        except TimeoutError:
            late += 1
    return 'answered all the same'
