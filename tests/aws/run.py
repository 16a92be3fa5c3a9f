#!/usr/bin/env python3
"""Our client of AWS before independent judges: the published service models, MiniStack and moto.

    tests/aws/run.py PHOTOFINISH

PHOTOFINISH is the built program. First the judge is judged: it must notice every wrong request and
no right one. Then a study is run on what takes itself for AWS, and destroyed: every request must be
valid, nothing may be left, no policy may be wider than it must be, no secret may lie in the study's
directory. Then its deployment is repeated with a fault at one call after another. Everything is on
loopback. No timing means anything here.
"""

import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import environment

if Path(sys.prefix).resolve() != environment.python().parent.parent.resolve():
    python = environment.python()
    os.execv(python, [str(python), *sys.argv])

import boto3  # noqa: E402

import judge  # noqa: E402
import ministack  # noqa: E402
import wrong  # noqa: E402

SECRET = judge.KEYS["AKIAIOSFODNN7EXAMPLE"]
NOT_YET = "a version that deploys to AWS"
STUDY = """application = "image-pipeline"
demonstration = true
passes = 8
rounds = 8
images = ["coffee"]
{variants}
[[target]]
platform = "aws"
region = "us-east-1"
architecture = [{architectures}]
memory_mb = [1769]

[budget]
limit_usd = 5.00
alarm_email = "me@example.org"
"""
VARIANT = '\n[[variant]]\nname = "{name}"\nsource = "{name}"\n'

# What must not be left: service, operation, where the names are.
LISTED = [
    ("lambda", "list_functions", "Functions[].FunctionName"),
    ("lambda", "list_layers", "Layers[].LayerName"),
    ("s3", "list_buckets", "Buckets[].Name"),
    ("iam", "list_roles", "Roles[].RoleName"),
    ("logs", "describe_log_groups", "logGroups[].logGroupName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    ("sns", "list_topics", "Topics[].TopicArn"),
    ("ecr", "describe_repositories", "repositories[].repositoryName"),
    ("stepfunctions", "list_state_machines", "stateMachines[].name"),
]


def variables(url):
    """The environment of somebody whose AWS is at that address."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**bare, "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "NO_COLOR": "1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true"}


@contextmanager
def serving(command, environment_of=lambda port: None):
    """A server on loopback, and its address; it ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([str(part).format(port=port) for part in command],
                              env=environment_of(port), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if server.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {server.returncode}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def left(url):
    """What is in the account, by the server's own account of it."""
    found = []
    for service, operation, path in LISTED:
        client = wrong.client(service, url)
        answer = getattr(client, operation)()
        some, _, field = path.partition("[].")
        found += [f"{service} {one[field]}" for one in answer.get(some, [])]
    budgets = wrong.client("budgets", url).describe_budgets(AccountId=account(url))
    return found + [f"budget {one['BudgetName']}" for one in budgets.get("Budgets", [])]


def account(url):
    return wrong.client("sts", url).get_caller_identity()["Account"]


def wide(policies):
    """Statements that allow more than they must: any action, or anything that is not below a name."""
    for operation, text in policies:
        statements = json.loads(text)["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            for action in several(statement.get("Action")):
                if "*" in action:
                    yield f"{operation} allows {action}"
            for resource in several(statement.get("Resource")):
                if not re.fullmatch(r"arn:[^*]*[^*:/]([:/]\*)?(:\*)?", resource):
                    yield f"{operation} allows {statement.get('Action')} on {resource}"


def several(value):
    return value if isinstance(value, list) else [value] if value is not None else []


def secrets(folder):
    for path in sorted(folder.rglob("*")):
        if path.is_file() and SECRET.encode() in path.read_bytes():
            yield f"the secret key is in {path.relative_to(folder)}"


class Study:
    """A study of bundled variants on AWS, and photofinish at work on it."""

    def __init__(self, photofinish, folder, names, architectures):
        self.photofinish, self.folder = photofinish, folder
        text = STUDY.format(variants="".join(VARIANT.format(name=name) for name in names),
                            architectures=", ".join(f'"{one}"' for one in architectures))
        (folder / "study.toml").write_text(text)

    def work(self, command, url):
        done = subprocess.run([self.photofinish, command, "study.toml"], cwd=self.folder,
                              env=variables(url), capture_output=True, text=True, timeout=500)
        return done.returncode, done.stdout + done.stderr


def is_there(photofinish):
    """Whether this version deploys to AWS at all."""
    with tempfile.TemporaryDirectory() as folder:
        study = Study(photofinish, Path(folder), ["pillow"], ["x86_64"])
        code, told = study.work("plan", "http://127.0.0.1:9")
        if code:
            raise SystemExit(f"plan ends with {code}: {told}")
        return NOT_YET not in told


def whole(photofinish, upstream, names, architectures):
    """A study from end to end; what was wrong with it."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream) as between:
        study = Study(photofinish, Path(folder), names, architectures)
        faults = []
        code, told = study.work("run", between.url)
        if code:
            faults.append(f"run ends with {code}: {told[-2000:]}")
        code, told = study.work("destroy", between.url)
        if code:
            faults.append(f"destroy ends with {code}: {told[-2000:]}")
        faults += [f"left behind: {one}" for one in left(upstream)]
        faults += [*between.faults, *wide(between.policies), *secrets(Path(folder))]
        print(between.table())
        return sum(between.count.values()), faults


def walk(photofinish, upstream):
    """A deployment with a fault at each call: it goes on or fails clearly, and nothing is left."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream) as between:
        study = Study(photofinish, Path(folder), ["pillow"], ["x86_64"])
        between.inject("none", 0)
        study.work("deploy", between.url)
        calls, faults = between.total, []
        study.work("destroy", between.url)
        for at in range(1, calls + 1):
            # Each call loses its answer; the other faults take turns, to keep this short.
            for fault in ("lost", judge.FAULTS[at % 3]):
                between.inject(fault, at)
                code, told = study.work("deploy", between.url)
                met = f"{fault} at call {at}, {' '.join(name for _, name in between.injected)}"
                if code not in (0, 5):
                    faults.append(f"{met}: deploy ends with {code}: {told[-500:]}")
                study.work("destroy", between.url)
                faults += [f"{met}: left behind: {one}" for one in left(upstream)]
        return 2 * calls, faults + between.faults


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    photofinish = Path(sys.argv[1]).resolve()
    rows, faults = [], []

    def checked(what, number, found):
        rows.append((what, number, len(found)))
        faults.extend(f"{what}: {fault}" for fault in found)

    with wrong.nobody() as nobody, judge.Judge(nobody) as between:
        ill, right, mistakes = wrong.judged(between)
    checked("the judge: wrong and right requests", ill + right, mistakes)
    if is_there(photofinish):
        start = ministack.installed()
        with serving([start], lambda port: ministack.environment(port)) as upstream:
            names, architectures = ["pillow", "numpy", "opencv"], ["x86_64", "arm64"]
            checked("a study on MiniStack: requests", *whole(photofinish, upstream, names, architectures))
        moto = Path(sys.executable).with_name("moto_server")
        with serving([moto, "-H", "127.0.0.1", "-p", "{port}"]) as upstream:
            checked("a fault at each call of deploy", *walk(photofinish, upstream))
    else:
        print("LACKING: this version does not deploy to AWS; no study was run here")
    for what, number, wrongs in rows:
        print(f"{what:40} {number:6} {wrongs:4} faults")
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
