# Begins an answer, sends half of it, and holds the connection open until its time is over.
# expect: error Sandbox.Timedout: Task timed out after 1.00 seconds
# with: {"Timeout": 1}
import socket
import time


def lambda_handler(event, context):
    connection = socket.create_connection(('127.0.0.1', 9001))
    path = f'/2018-06-01/runtime/invocation/{context.aws_request_id}/response'
    connection.sendall(f'POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n"half'.encode())
    time.sleep(600)
