# Sends S3 what it must read whole before it can answer, without end: lists in XML.
# expect: value {"large": "refused", "deep": "refused", "entities": "refused", "well": "done"}
# with: {"Timeout": 60}
import http.client
import os

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from attempts import refusal, s3


def post(pieces):
    request = AWSRequest('POST', 'http://127.0.0.1:9002/ours?delete', headers={}, data=b'')
    request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
    request.context['payload_signing_enabled'] = False
    keys = [os.environ[name] for name in ('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN')]
    S3SigV4Auth(Credentials(*keys), 's3', os.environ['AWS_REGION']).add_auth(request)
    connection = http.client.HTTPConnection('127.0.0.1', 9002, timeout=20)
    headers = dict(request.headers.items()) | {'Transfer-Encoding': 'chunked'}
    try:
        connection.request('POST', '/ours?delete', iter(pieces), headers, encode_chunked=True)
        answer = connection.getresponse()
    except OSError:
        return 'refused'
    return 'refused' if answer.status >= 400 else answer.read(200).decode()


def large():
    yield b'<Delete>'
    for _ in range(400):
        yield b'<Object><Key>x</Key></Object>' * 36_000


def lambda_handler(event, context):
    entities = (
        b'<!DOCTYPE a [<!ENTITY a "xxxxxxxxxx">'
        + b''.join(b'<!ENTITY %c "%s">' % (98 + n, b'&%c;' % (97 + n) * 10) for n in range(9))
        + b']><Delete><Object><Key>&j;</Key></Object></Delete>'
    )
    return {
        'large': post(large()),
        'deep': post([b'<Delete>' * 1_000_000]),
        'entities': post([entities]),
        'well': refusal(s3().put_object, Bucket='ours', Key='whole', Body=b'x'),
    }
