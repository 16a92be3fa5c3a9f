# Is refused upload after upload before it has sent them, and goes on over the same connection: what
# it asks next must not be taken for what it did not send.
# expect: value ["AccessDenied"]
# with: {"Timeout": 30}
from attempts import refusal, s3


def lambda_handler(event, context):
    store, told = s3(), set()
    for _ in range(40):
        told.add(refusal(store.put_object, Bucket='theirs', Key='x', Body=b'GET / HTTP/1.1\r\n\r\n'))
        told.add(refusal(store.list_objects_v2, Bucket='theirs'))
    return sorted(told)
