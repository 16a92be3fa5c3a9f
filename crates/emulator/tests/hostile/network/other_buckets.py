# Reads, writes, lists and copies in the bucket of another study.
# expect: value {"get": "AccessDenied", "put": "AccessDenied", "list": "AccessDenied", "copy": "AccessDenied", "part": "AccessDenied", "delete": "AccessDenied", "own": "done"}
from attempts import refusal, s3


def lambda_handler(event, context):
    store = s3()
    theirs = {'Bucket': 'theirs', 'Key': 'secret'}
    own = {'Bucket': 'ours', 'Key': 'mine'}
    started = store.create_multipart_upload(**own)['UploadId']
    return {
        'get': refusal(store.get_object, **theirs),
        'put': refusal(store.put_object, **theirs, Body=b'x'),
        'list': refusal(store.list_objects_v2, Bucket='theirs'),
        'copy': refusal(store.copy_object, **own, CopySource=theirs),
        'part': refusal(store.upload_part_copy, **own, CopySource=theirs, UploadId=started, PartNumber=1),
        'delete': refusal(store.delete_object, **theirs),
        'own': refusal(store.put_object, **own, Body=b'x'),
    }
