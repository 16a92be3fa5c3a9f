# The AWS CLI as a person types it; what is kept is looked for after a restart.
set -euo pipefail

mkdir -p cli && cd cli
cat > code.py <<'PY'
def lambda_handler(event, context):
    return {"sum": event["a"] + event["b"]}
PY
python -m zipfile -c code.zip code.py

aws lambda create-function --function-name kept --runtime python3.14 \
    --handler code.lambda_handler --role arn:aws:iam::000000000000:role/any \
    --zip-file fileb://code.zip --timeout 10 > created.json
aws lambda wait function-active-v2 --function-name kept
# Version 1, which PyPI has, takes the payload as it is.
aws lambda invoke --function-name kept --payload '{"a": 2, "b": 3}' answer.json > invoked.json
grep -q '"sum": 5' answer.json
aws lambda list-functions --query 'Functions[].FunctionName' --output text | grep -q kept
aws s3 mb s3://kept
echo hello > a.txt
aws s3 cp a.txt s3://kept/a.txt
aws s3 ls s3://kept | grep -q a.txt
