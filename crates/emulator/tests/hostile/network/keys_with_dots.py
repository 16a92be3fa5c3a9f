# Names objects as if they were paths out of the emulator's folder.
# expect: value {"../../../../tmp/escaped": true, "..": true, "a/../../../b": true, "/etc/passwd": true, "a\u0000b": true}
from botocore.exceptions import BotoCoreError, ClientError

from attempts import s3


def lambda_handler(event, context):
    store, told = s3(), {}
    for key in ['../../../../tmp/escaped', '..', 'a/../../../b', '/etc/passwd', 'a\0b']:
        try:
            store.put_object(Bucket='ours', Key=key, Body=key.encode())
            told[key] = store.get_object(Bucket='ours', Key=key)['Body'].read() == key.encode()
        except (BotoCoreError, ClientError):
            # Refused is as good as kept under this very name.
            told[key] = True
    return told
