"""The SAM CLI, as far as it goes without CloudFormation: it calls functions and reads their logs."""

import json
import tempfile

from acting import beside, create, functions
from by_the_cli import shell

TELLS = """
def lambda_handler(event, context):
    print("asked for", event.get("a"))
    if "a" not in event:
        raise ValueError("there is no a")
    return {"twice": 2 * event["a"]}
"""


@beside
def a_function_is_called_and_its_logs_are_read():
    arn = create("by-sam", TELLS)["FunctionArn"]
    with tempfile.TemporaryDirectory() as folder:
        def sam(command, fails=False):
            return shell(f"SAM_CLI_TELEMETRY=0 sam {command}", folder, fails)

        assert json.loads(sam(f"""remote invoke {arn} -e '{{"a": 21}}'""")) == {"twice": 42}
        whole = json.loads(sam(f"""remote invoke {arn} -e '{{"a": 2}}' --output json"""))
        assert (whole["StatusCode"], json.loads(whole["Payload"])) == (200, {"twice": 4}), whole
        dry = sam(f"remote invoke {arn} --parameter InvocationType=DryRun --output json")
        assert json.loads(dry)["StatusCode"] == 204, dry
        told = json.loads(sam(f"remote invoke {arn} -e '{{}}' 2> said; grep -q 'there is no a' said"))
        assert told["errorType"] == "ValueError", told
        logs = sam("logs --cw-log-group /aws/lambda/by-sam")
        assert "asked for 21" in logs and "REPORT RequestId" in logs, logs
        # A name is looked for in CloudFormation's stacks, and there is no CloudFormation here.
        told = sam("remote invoke by-sam", fails=True)
        assert "full resource ARN" in told, told
        told = sam(f"remote invoke {arn.replace('by-sam', 'nobody')}", fails=True)
        assert "Function not found" in told, told
    functions.delete_function(FunctionName="by-sam")
