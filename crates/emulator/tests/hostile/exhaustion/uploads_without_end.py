# Stores object after object, finished and unfinished, copied and in parts, to fill the disk: it gets
# what functions may have and no more, and has it again when it has deleted what it stored.
# expect: value ["refused", "QuotaExceeded", "QuotaExceeded", "QuotaExceeded", "stored again"]
# with: {"MemorySize": 1769, "Timeout": 60}
from attempts import refusal, s3

PIECE = bytes(6 << 20)


def lambda_handler(event, context):
    store, told, stored = s3(), [], 0
    while stored < 100:
        if refusal(store.put_object, Bucket='ours', Key=str(stored), Body=PIECE) != 'done':
            told.append('refused')
            break
        stored += 1
    told.append(refusal(store.put_object, Bucket='ours', Key='more', Body=PIECE))
    upload = store.create_multipart_upload(Bucket='ours', Key='parts')['UploadId']
    told.append(refusal(store.upload_part, Bucket='ours', Key='parts', UploadId=upload,
                        PartNumber=1, Body=PIECE))
    told.append(refusal(store.copy_object, Bucket='ours', Key='copy',
                        CopySource={'Bucket': 'ours', 'Key': '0'}))
    for number in range(stored):
        store.delete_object(Bucket='ours', Key=str(number))
    store.put_object(Bucket='ours', Key='again', Body=PIECE)
    return [*told, 'stored again']
