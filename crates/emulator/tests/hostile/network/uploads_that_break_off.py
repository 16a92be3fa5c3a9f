# Begins large uploads, claims absurd lengths, and breaks every one of them off.
# expect: value {"left": 0, "well": "done"}
# with: {"Timeout": 60}
import os
import socket
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from attempts import refusal, s3


def signed(method, path, headers):
    request = AWSRequest(method, f'http://127.0.0.1:9002{path}', headers=headers, data=b'')
    request.context['payload_signing_enabled'] = False
    keys = [os.environ[name] for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN')]
    request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
    S3SigV4Auth(Credentials(*keys), 's3', os.environ['AWS_REGION']).add_auth(request)
    lines = [f'{method} {path} HTTP/1.1', f'host: {urlsplit(request.url).netloc}']
    lines += [f'{name}: {value}' for name, value in request.headers.items() if name.lower() != 'host']
    return '\r\n'.join(lines).encode() + b'\r\n\r\n'


def lambda_handler(event, context):
    lengths = ['1000000000', str(1 << 60), str((1 << 64) - 1)]
    for number in range(12):
        head = signed('PUT', f'/ours/broken-{number}', {'content-length': lengths[number % 3]})
        with socket.create_connection(('127.0.0.1', 9002), timeout=5) as connection:
            try:
                connection.sendall(head + b'x' * 1_000_000)
            except OSError:
                pass
    store = s3()
    return {
        'left': store.list_objects_v2(Bucket='ours')['KeyCount'],
        'well': refusal(store.put_object, Bucket='ours', Key='whole', Body=b'x'),
    }
