"""boto3, as its users know it, against the emulator: prints one line for each step."""
import base64
import io
import json
import os
import zipfile

import boto3
from botocore.exceptions import ClientError

CODE = """
import boto3
def lambda_handler(event, context):
    print("seen", event)
    body = boto3.client("s3").get_object(Bucket=event["bucket"], Key=event["key"])["Body"].read()
    return {"length": len(body), "by": "%s"}
"""


def package(by):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("lambda_function.py", CODE % by)
    return buffer.getvalue()


def refused(code, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return
    raise AssertionError(f"{call} was not refused with {code}")


s3 = boto3.client("s3")
functions = boto3.client("lambda")

s3.create_bucket(Bucket="pictures")
body = os.urandom(100_000)
# Since 1.36 boto3 sends a CRC-32 with each upload, in a trailer when it streams.
s3.put_object(Bucket="pictures", Key="a b/é.bin", Body=body, ContentType="image/png", Metadata={"author": "me"})
s3.upload_fileobj(io.BytesIO(body), "pictures", "stream.bin")
got = s3.get_object(Bucket="pictures", Key="a b/é.bin")
assert got["Body"].read() == body and got["ContentType"] == "image/png" and got["Metadata"] == {"author": "me"}
assert got["ChecksumCRC32"]
assert s3.get_object(Bucket="pictures", Key="stream.bin", Range="bytes=5-9")["Body"].read() == body[5:10]
assert [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket="pictures", PaginationConfig={"PageSize": 1}) for o in p["Contents"]] == ["a b/é.bin", "stream.bin"]
s3.copy_object(Bucket="pictures", Key="copy", CopySource={"Bucket": "pictures", "Key": "a b/é.bin"})
assert s3.head_object(Bucket="pictures", Key="copy")["ContentLength"] == len(body)
refused("NoSuchKey", s3.get_object, Bucket="pictures", Key="none")
presigned = s3.generate_presigned_url("get_object", Params={"Bucket": "pictures", "Key": "copy"})
import urllib.request
assert urllib.request.urlopen(presigned).read() == body
large = os.urandom(20_000_000)  # above boto3's threshold: sent in parts
s3.upload_fileobj(io.BytesIO(large), "pictures", "large.bin", ExtraArgs={"ContentType": "image/tiff"})
got = s3.get_object(Bucket="pictures", Key="large.bin")
assert got["Body"].read() == large and got["ContentType"] == "image/tiff" and got["ETag"].endswith('-3"')
s3.delete_object(Bucket="pictures", Key="large.bin")
unfinished = s3.create_multipart_upload(Bucket="pictures", Key="never")
s3.upload_part(Bucket="pictures", Key="never", UploadId=unfinished["UploadId"], PartNumber=1, Body=b"x")
refused("InvalidPart", s3.complete_multipart_upload, Bucket="pictures", Key="never", UploadId=unfinished["UploadId"],
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": "other"}]})
s3.abort_multipart_upload(Bucket="pictures", Key="never", UploadId=unfinished["UploadId"])
refused("NoSuchUpload", s3.upload_part, Bucket="pictures", Key="never", UploadId=unfinished["UploadId"], PartNumber=1, Body=b"x")
print("objects")

layer = functions.publish_layer_version(LayerName="extra", Content={"ZipFile": package("layer")}, CompatibleRuntimes=["python3.14"])
assert layer["Version"] == 1 and layer["Content"]["CodeSize"]
assert functions.get_layer_version(LayerName="extra", VersionNumber=1)["Content"]["CodeSha256"] == layer["Content"]["CodeSha256"]
created = functions.create_function(
    FunctionName="measure", Runtime="python3.14", Role="arn:aws:iam::000000000000:role/r", Handler="lambda_function.lambda_handler",
    Code={"ZipFile": package("first")}, Timeout=20, MemorySize=1024, Architectures=[os.environ["ARCHITECTURE"]], Layers=[layer["LayerVersionArn"]], Tags={"a": "b"})
assert created["State"] == "Pending" and created["Version"] == "$LATEST"
functions.get_waiter("function_active_v2").wait(FunctionName="measure", WaiterConfig={"Delay": 1})
refused("ResourceConflictException", functions.create_function, FunctionName="measure", Runtime="python3.14",
        Role="arn:aws:iam::000000000000:role/r", Handler="x.y", Code={"ZipFile": package("x")}, Architectures=[os.environ["ARCHITECTURE"]])
refused("ResourceNotFoundException", functions.get_function, FunctionName="none")
print("create")

event = json.dumps({"bucket": "pictures", "key": "copy"})
answer = functions.invoke(FunctionName="measure", Payload=event, LogType="Tail")
assert answer["StatusCode"] == 200 and "FunctionError" not in answer, answer["Payload"].read()
assert json.load(answer["Payload"]) == {"length": len(body), "by": "first"}
log = base64.b64decode(answer["LogResult"]).decode()
assert log.startswith("START RequestId: ") and "seen {'bucket'" in log, log
assert log.splitlines()[-1].startswith("REPORT RequestId: ") and "Init Duration: " in log, log
failed = functions.invoke(FunctionName="measure", Payload="{}")
assert failed["FunctionError"] == "Unhandled" and json.load(failed["Payload"])["errorType"] == "KeyError"
print("invoke")

s3.put_object(Bucket="pictures", Key="code.zip", Body=package("second"))
updated = functions.update_function_code(FunctionName="measure", S3Bucket="pictures", S3Key="code.zip")
assert updated["CodeSha256"] != created["CodeSha256"]
functions.get_waiter("function_updated_v2").wait(FunctionName="measure", WaiterConfig={"Delay": 1})
functions.update_function_configuration(FunctionName=updated["FunctionArn"], MemorySize=2048, Environment={"Variables": {"AB": "c"}})
functions.get_waiter("function_updated_v2").wait(FunctionName="measure", WaiterConfig={"Delay": 1})
shown = functions.get_function(FunctionName="measure")
assert shown["Configuration"]["MemorySize"] == 2048 and shown["Configuration"]["Environment"]["Variables"] == {"AB": "c"} and shown["Tags"] == {"a": "b"}
assert json.load(functions.invoke(FunctionName="measure", Payload=event)["Payload"])["by"] == "second"
print("update")

assert [f["FunctionName"] for p in functions.get_paginator("list_functions").paginate() for f in p["Functions"]] == ["measure"]
functions.tag_resource(Resource=updated["FunctionArn"], Tags={"c": "d"})
functions.untag_resource(Resource=updated["FunctionArn"], TagKeys=["a"])
assert functions.list_tags(Resource=updated["FunctionArn"])["Tags"] == {"c": "d"}
functions.put_function_concurrency(FunctionName="measure", ReservedConcurrentExecutions=0)
refused("TooManyRequestsException", functions.invoke, FunctionName="measure", Payload=event)
functions.delete_function(FunctionName="measure")
refused("ResourceNotFoundException", functions.invoke, FunctionName="measure", Payload=event)
functions.delete_layer_version(LayerName="extra", VersionNumber=1)
assert functions.list_layer_versions(LayerName="extra")["LayerVersions"] == []
s3.delete_objects(Bucket="pictures", Delete={"Objects": [{"Key": o["Key"]} for o in s3.list_objects_v2(Bucket="pictures")["Contents"]]})
s3.delete_bucket(Bucket="pictures")
assert s3.list_buckets()["Buckets"] == []
print("delete")
