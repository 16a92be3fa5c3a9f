"""Every operation that the local platform claims, by boto3."""
import base64
import io
import json
import os
import zipfile

import boto3
import botocore.exceptions

CODE = """
import os
import boto3

calls = 0


def lambda_handler(event, context):
    global calls
    calls += 1
    if event.get("raise"):
        raise ValueError(event["raise"])
    print("hello from", context.function_name)
    return {"calls": calls, "environment": os.environ.get("COLOUR"), "layer": layer()}


def layer():
    try:
        import from_a_layer
    except ModuleNotFoundError:
        return None
    return from_a_layer.WORD
"""


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def expect(code, call, **arguments):
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        return
    raise AssertionError(f"{call.__name__} did not raise {code}")


def invoke(function, event):
    answer = awslambda.invoke(FunctionName=function, Payload=json.dumps(event), LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode()
    return answer, json.loads(answer["Payload"].read()), tail


awslambda = boto3.client("lambda")
s3 = boto3.client("s3")
ROLE = "arn:aws:iam::000000000000:role/any"

expect("ResourceNotFoundException", awslambda.get_function, FunctionName="f")
made = awslambda.create_function(
    FunctionName="f", Runtime="python3.14", Handler="code.lambda_handler", Role=ROLE,
    Code={"ZipFile": zipped({"code.py": CODE})}, Timeout=10, MemorySize=512,
    Environment={"Variables": {"COLOUR": "grey"}})
assert made["FunctionArn"].endswith(":function:f"), made
awslambda.get_waiter("function_active_v2").wait(FunctionName="f")
expect("ResourceConflictException", awslambda.create_function, FunctionName="f",
       Runtime="python3.14", Handler="code.lambda_handler", Role=ROLE,
       Code={"ZipFile": zipped({"code.py": CODE})})

answer, value, tail = invoke("f", {})
assert answer["StatusCode"] == 200 and "FunctionError" not in answer, answer
assert value == {"calls": 1, "environment": "grey", "layer": None}, value
assert "hello from f" in tail and "Init Duration" in tail and "REPORT RequestId" in tail, tail
answer, value, tail = invoke("f", {})
assert value["calls"] == 2 and "Init Duration" not in tail, (value, tail)
answer, value, tail = invoke("f", {"raise": "no luck"})
assert answer["FunctionError"] == "Unhandled", answer
assert value["errorType"] == "ValueError" and value["errorMessage"] == "no luck", value

layer = awslambda.publish_layer_version(
    LayerName="words", Content={"ZipFile": zipped({"python/from_a_layer.py": "WORD = 'layered'"})},
    CompatibleRuntimes=["python3.14"])
found = awslambda.get_layer_version(LayerName="words", VersionNumber=layer["Version"])
assert found["LayerVersionArn"] == layer["LayerVersionArn"], found
awslambda.update_function_configuration(
    FunctionName="f", Layers=[layer["LayerVersionArn"]],
    Environment={"Variables": {"COLOUR": "red"}})
awslambda.get_waiter("function_updated_v2").wait(FunctionName="f")
answer, value, tail = invoke("f", {})
assert value == {"calls": 1, "environment": "red", "layer": "layered"}, value

awslambda.update_function_code(
    FunctionName="f", ZipFile=zipped({"code.py": "def lambda_handler(event, context):\n    return 7\n"}))
awslambda.get_waiter("function_updated_v2").wait(FunctionName="f")
assert invoke("f", {})[1] == 7
configuration = awslambda.get_function_configuration(FunctionName="f")
assert configuration["MemorySize"] == 512 and configuration["Runtime"] == "python3.14"
assert "f" in [function["FunctionName"] for function in awslambda.list_functions()["Functions"]]
awslambda.delete_function(FunctionName="f")
expect("ResourceNotFoundException", awslambda.delete_function, FunctionName="f")

s3.create_bucket(Bucket="pictures")
body = bytes(range(256)) * 4096
s3.put_object(Bucket="pictures", Key="a/b ü.bin", Body=body, ContentType="image/x-any",
              Metadata={"author": "nobody"})
got = s3.get_object(Bucket="pictures", Key="a/b ü.bin")
assert got["Body"].read() == body and got["ContentType"] == "image/x-any"
assert got["Metadata"] == {"author": "nobody"}, got["Metadata"]
part = s3.get_object(Bucket="pictures", Key="a/b ü.bin", Range="bytes=10-19")
assert part["Body"].read() == body[10:20]
listed = s3.list_objects_v2(Bucket="pictures", Prefix="a/")
assert [entry["Key"] for entry in listed["Contents"]] == ["a/b ü.bin"], listed
s3.copy_object(Bucket="pictures", Key="copy", CopySource={"Bucket": "pictures", "Key": "a/b ü.bin"})
assert s3.head_object(Bucket="pictures", Key="copy")["ContentLength"] == len(body)
expect("NoSuchKey", s3.get_object, Bucket="pictures", Key="nothing")
expect("NoSuchBucket", s3.list_objects_v2, Bucket="nowhere")
s3.delete_objects(Bucket="pictures",
                  Delete={"Objects": [{"Key": "copy"}, {"Key": "a/b ü.bin"}]})
s3.delete_bucket(Bucket="pictures")

KEY = os.environ["AWS_ACCESS_KEY_ID"]


def signed(service, key, secret):
    return boto3.client(service, aws_access_key_id=key, aws_secret_access_key=secret)


expect("InvalidSignatureException", signed("lambda", KEY, "wrong" * 8).list_functions)
expect("UnrecognizedClientException", signed("lambda", "AKIDSTRANGER", "wrong").list_functions)
expect("SignatureDoesNotMatch", signed("s3", KEY, "wrong" * 8).list_buckets)
