"""Signatures: who is not let in, and in which words."""

import datetime
import http.client
import os
import urllib.parse

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from acting import client, identity, objects, refused, story

KEY, SECRET = os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"]
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = os.environ["AWS_REGION"]
ASK = {"lambda": ("GET", "/2015-03-31/functions", {}), "s3": ("PUT", "/of-signatures/a", {}),
        "logs": ("POST", "/", {"X-Amz-Target": "Logs_20140328.DescribeLogGroups",
                               "Content-Type": "application/x-amz-json-1.1"}),
       "sts": ("POST", "/", {"Content-Type": "application/x-www-form-urlencoded"})}
BODY = {"lambda": b"", "s3": b"object", "logs": b"{}",
        "sts": b"Action=GetCallerIdentity&Version=2011-06-15"}


def asked(service, minutes=0, region=REGION, key=KEY, secret=SECRET, sent=None, other=None,
          signed=True):
    """Asks with the request spoilt in one way; gives status and body."""
    method, path, headers = ASK[service]
    request = AWSRequest(method, ENDPOINT + path, headers=dict(headers), data=BODY[service])
    if signed:
        auth = S3SigV4Auth if service == "s3" else SigV4Auth
        _at(minutes, auth(Credentials(key, secret), other or service, region), request)
    address = urllib.parse.urlparse(ENDPOINT).netloc
    connection = http.client.HTTPConnection(address)
    body = BODY[service] if sent is None else sent
    connection.request(method, path, body, dict(request.headers.items()))
    answer = connection.getresponse()
    return answer.status, answer.headers.get("x-amzn-errortype", "") + answer.read().decode()


def _at(minutes, auth, request):
    """Signs as a client does whose clock is so many minutes ahead."""
    import botocore.auth
    real = botocore.auth.get_current_datetime
    botocore.auth.get_current_datetime = lambda *a, **k: real(*a, **k) + datetime.timedelta(minutes=minutes)
    try:
        auth.add_auth(request)
    finally:
        botocore.auth.get_current_datetime = real


def told(service, status, *words, **spoilt):
    got, body = asked(service, **spoilt)
    assert got == status, (service, spoilt, got, body)
    for word in words:
        assert word in body, (service, spoilt, word, body)


@story
def let_in_when_nothing_is_spoilt():
    objects.create_bucket(Bucket="of-signatures")
    for service in ASK:
        told(service, 200)
        told(service, 200, minutes=4)
        told(service, 200, minutes=-4)


@story
def a_clock_that_is_wrong():
    told("lambda", 403, "InvalidSignatureException", "Signature not yet current", minutes=6)
    told("lambda", 403, "InvalidSignatureException", "Signature expired", minutes=-6)
    told("logs", 400, "InvalidSignatureException", "Signature expired", minutes=-6)
    told("sts", 403, "<Code>SignatureDoesNotMatch", "Signature expired", minutes=-6)
    told("s3", 403, "RequestTimeTooSkewed", minutes=16)
    told("s3", 403, "RequestTimeTooSkewed", minutes=-16)


@story
def another_key_secret_region_or_service():
    told("lambda", 403, "UnrecognizedClientException", key="AKIDSTRANGER")
    told("logs", 400, "UnrecognizedClientException", key="AKIDSTRANGER")
    told("sts", 403, "<Code>InvalidClientTokenId", key="AKIDSTRANGER")
    told("s3", 403, "InvalidAccessKeyId", key="AKIDSTRANGER")
    told("lambda", 403, "InvalidSignatureException", secret="wrong" * 8)
    told("logs", 400, "InvalidSignatureException", secret="wrong" * 8)
    told("sts", 403, "<Code>SignatureDoesNotMatch", secret="wrong" * 8)
    told("s3", 403, "SignatureDoesNotMatch", secret="wrong" * 8)
    told("lambda", 403, "InvalidSignatureException", "region", region="eu-west-1")
    told("s3", 400, "AuthorizationHeaderMalformed", region="eu-west-1")
    told("s3", 501, "UnsupportedOperation", "iam", other="iam")
    told("lambda", 501, "UnsupportedOperation", "iam", other="iam")


@story
def who_has_the_keys():
    told = identity.get_caller_identity()
    assert told["Account"] == told["UserId"] == "000000000000", told
    assert told["Arn"] == "arn:aws:iam::000000000000:root", told


@story
def services_that_are_not_here_say_so_in_their_clients_words():
    refused("UnsupportedOperation", identity.get_session_token)
    # By a form and XML, by JSON, and by JSON on a path.
    for service, ask, arguments in (
            ("cloudformation", "describe_stack_resources", {"StackName": "<any & all>"}),
            ("sns", "list_topics", {}), ("iam", "list_roles", {}),
            ("dynamodb", "list_tables", {}), ("stepfunctions", "list_state_machines", {}),
            ("scheduler", "list_schedules", {})):
        error = refused("UnsupportedOperation", getattr(client(service), ask), **arguments)
        assert "nothing was done" in error["Error"]["Message"], error


@story
def by_the_version_that_leaves_the_body_out():
    from botocore.auth import HmacV1Auth
    request = AWSRequest("PUT", f"{ENDPOINT}/of-signatures/a", data=b"object")
    HmacV1Auth(Credentials(KEY, SECRET)).add_auth(request)
    connection = http.client.HTTPConnection(urllib.parse.urlparse(ENDPOINT).netloc)
    connection.request("PUT", "/of-signatures/a", b"object", dict(request.headers.items()))
    answer = connection.getresponse()
    assert (answer.status, b"AWS4-HMAC-SHA256" in answer.read()) == (400, True)


@story
def unsigned():
    told("lambda", 403, "MissingAuthenticationTokenException", signed=False)
    told("logs", 400, "MissingAuthenticationTokenException", signed=False)
    told("s3", 403, "AccessDenied", signed=False)


@story
def a_signature_replayed_over_another_body():
    told("lambda", 403, "InvalidSignatureException", sent=b"{}")
    told("logs", 400, "InvalidSignatureException", sent=b'{"limit": 1}')
    told("sts", 403, "<Code>SignatureDoesNotMatch", sent=b"Action=GetSessionToken&Version=2011-06-15")
    told("s3", 400, "XAmzContentSHA256Mismatch", sent=b"other!")
    read = objects.get_object(Bucket="of-signatures", Key="a")["Body"].read()
    assert read == b"object", "a body that was not signed was kept"
    objects.delete_object(Bucket="of-signatures", Key="a")
    objects.delete_bucket(Bucket="of-signatures")


@story
def a_guests_keys_open_nothing_here():
    from acting import Invoked, create, functions
    create("tells-keys", "import os\ndef lambda_handler(event, context):\n    return dict(os.environ)\n")
    guest = Invoked("tells-keys").value
    keys = {"aws_access_key_id": guest["AWS_ACCESS_KEY_ID"],
            "aws_secret_access_key": guest["AWS_SECRET_ACCESS_KEY"],
            "aws_session_token": guest["AWS_SESSION_TOKEN"]}
    refused("UnrecognizedClientException", client("lambda", **keys).list_functions)
    refused("UnrecognizedClientException", client("logs", **keys).describe_log_groups)
    refused("InvalidClientTokenId", client("sts", **keys).get_caller_identity)
    refused("InvalidAccessKeyId", client("s3", **keys).list_buckets)
    assert KEY not in guest.values() and SECRET not in guest.values()
    functions.delete_function(FunctionName="tells-keys")
