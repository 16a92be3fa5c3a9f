"""The AWS CLI, as a person types it."""

import json
import subprocess
import tempfile
from pathlib import Path

from acting import ECHO, beside, zipped

ROLE = "arn:aws:iam::000000000000:role/any"


def shell(script, folder, fails=False):
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, text=True,
                          capture_output=True)
    assert bool(done.returncode) == fails, f"{script}\n{done.stdout}{done.stderr}"
    return done.stdout if not fails else done.stderr


@beside
def who_am_i():
    with tempfile.TemporaryDirectory() as folder:
        out = shell("aws sts get-caller-identity --query Account --output text", folder)
        assert out == "000000000000\n", out
        told = shell("aws dynamodb list-tables", folder, fails=True)
        assert "UnsupportedOperation" in told, told


@beside
def a_function_from_its_making_to_its_end():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "code.zip").write_bytes(zipped({"code.py": ECHO}))
        made = shell(f"""
            aws lambda create-function --function-name typed --runtime python3.14 --timeout 10 \\
                --handler code.lambda_handler --role {ROLE} --zip-file fileb://code.zip
            """, folder)
        assert json.loads(made)["State"] == "Pending", made
        out = shell("""
            aws lambda wait function-active-v2 --function-name typed
            aws lambda invoke --function-name typed --payload '{"a": [2, 3]}' answer.json \\
                --log-type Tail --query LogResult --output text | base64 -d > tail; grep -q REPORT tail
            cat answer.json
            aws lambda update-function-configuration --function-name typed --memory-size 256 > /dev/null
            aws lambda wait function-updated-v2 --function-name typed
            aws lambda get-function --function-name typed --query Configuration.MemorySize
            aws lambda tag-resource --tags a=b --resource \\
                "$(aws lambda get-function --function-name typed --query Configuration.FunctionArn --output text)"
            aws lambda list-functions --query 'Functions[?FunctionName==`typed`].Runtime' --output text
            aws lambda delete-function --function-name typed > /dev/null
            """, folder)
        assert out == '{"a": [2, 3]}256\npython3.14\n', out
        told = shell("aws lambda get-function --function-name typed", folder, fails=True)
        assert "ResourceNotFoundException" in told, told
        # Version 1, which PyPI has, knows no `aws logs tail`.
        tailed = shell("""
            aws logs filter-log-events --log-group-name /aws/lambda/typed \\
                --query 'events[].message' --output text
            """, folder)
        assert "REPORT RequestId" in tailed and "START RequestId" in tailed, tailed


@beside
def objects_by_the_handful():
    with tempfile.TemporaryDirectory() as folder:
        shell("""
            aws s3 mb s3://typed
            mkdir -p up/deep; echo one > up/a.txt; echo two > 'up/deep/b ü.txt'
            head -c 20000000 /dev/zero > up/large.bin
            aws s3 sync up s3://typed/up --quiet
            aws s3 ls s3://typed/up/ > listed; grep -q 'PRE deep/' listed
            aws s3 cp s3://typed/up/large.bin s3://typed/copy.bin --quiet
            aws s3 mv s3://typed/up/a.txt s3://typed/moved.txt --quiet
            test "$(aws s3 cp s3://typed/moved.txt -)" = one
            aws s3 sync s3://typed/up down --quiet
            cmp up/large.bin down/large.bin; cmp 'up/deep/b ü.txt' 'down/deep/b ü.txt'
            test ! -e down/a.txt
            aws s3api head-object --bucket typed --key copy.bin --query ContentLength > length; grep -q 20000000 length
            test "$(curl -sf "$(aws s3 presign s3://typed/moved.txt)")" = one
            aws s3 rb s3://typed --force > /dev/null
            """, folder)
        told = shell("aws s3 ls s3://typed", folder, fails=True)
        assert "NoSuchBucket" in told, told
