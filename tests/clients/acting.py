"""What stories are told with: clients that watch their answers, and functions in a few lines."""

import base64
import io
import json
import zipfile

import boto3
import botocore.config
import botocore.exceptions

import shapes

ROLE = "arn:aws:iam::000000000000:role/any"
ECHO = "def lambda_handler(event, context):\n    return event\n"

stories = []


def story(function):
    """Marks a story."""
    stories.append(function)
    return function


def beside(function):
    """Marks a story that mostly waits, and is told beside the others."""
    function.beside = True
    return story(function)


def name(function):
    return f"{function.__module__}.{function.__name__}"


def client(service, **options):
    """A client of the served platform that asks once and watches its answers."""
    config = botocore.config.Config(retries={"total_max_attempts": 1}, read_timeout=60)
    made = boto3.client(service, config=options.pop("config", config), **options)
    shapes.watch(made)
    return made


functions = client("lambda")
objects = client("s3")
logs = client("logs")
identity = client("sts")


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return out.getvalue()


def code(text=ECHO):
    return {"ZipFile": zipped({"code.py": text})}


def create(named, text=ECHO, **settings):
    """Creates a function and waits until it is active; gives the answer of its creation."""
    made = functions.create_function(**{
        "FunctionName": named, "Runtime": "python3.14", "Handler": "code.lambda_handler",
        "Role": ROLE, "Code": code(text), "Timeout": 15, "MemorySize": 512, **settings})
    functions.get_waiter("function_active_v2").wait(FunctionName=named, WaiterConfig=SOON)
    return made


SOON = {"Delay": 1, "MaxAttempts": 60}


def updated(named):
    functions.get_waiter("function_updated_v2").wait(FunctionName=named, WaiterConfig=SOON)


class Invoked:
    """What an invocation gave."""

    def __init__(self, named, event=None, **more):
        self.answer = functions.invoke(FunctionName=named, Payload=json.dumps(event or {}),
                                       LogType="Tail", **more)
        self.value = json.loads(self.answer["Payload"].read() or b"null")
        self.error = self.answer.get("FunctionError")
        self.log = base64.b64decode(self.answer.get("LogResult", "")).decode()
        self.id = self.answer["ResponseMetadata"]["RequestId"]


def refused(code_, call, **arguments):
    """Asks for what is refused with this code; gives the error."""
    try:
        call(**arguments)
    except botocore.exceptions.ClientError as error:
        told = error.response["Error"]
        assert told["Code"] == code_, f"{told['Code']}, not {code_}: {told.get('Message')}"
        return error.response
    raise AssertionError(f"it was not refused with {code_}")
