"""What the inspector costs, measured side by side: bare, identity and stages, in turn.

Run it with a Python 3.14 that finds awslambdaric and boto3:

    PYTHONPATH=python:VAR_RUNTIME python3.14 cost.py [blocks]

A call is a handler that does nothing, with its answer turned into JSON as the runtime's client
does. A call of S3 is botocore's whole way with the network left out. Initialisation is timed in
fresh processes. Each figure is the median over blocks, with the middle 90 % of them.
"""

import io
import os
import subprocess
import sys
import time

BLOCKS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
CALLS = 200
S3_CALLS = 20
STARTS = 15
MODES = ("bare", "identity", "stages")

INIT = """
import os, sys, time
import awslambdaric.bootstrap
started = time.perf_counter_ns()
if sys.argv[1] == "bare":
    handler = awslambdaric.bootstrap._get_handler("cost_handler.handler")
else:
    os.environ["PHOTOFINISH_INSPECTOR"] = sys.argv[1]
    handler = awslambdaric.bootstrap._get_handler("photofinish_inspector.handler")
print((time.perf_counter_ns() - started) / 1000)
"""


def nothing(event, context):
    return {"bucket": "b", "key": "k", "content_type": "image/png", "width": 800, "height": 600}


def handlers():
    from photofinish_inspector.bootstrap import watch_for, wrapped

    return {mode: nothing if mode == "bare" else wrapped(nothing, watch_for(mode)) for mode in MODES}


def timed(repeats, function):
    started = time.perf_counter_ns()
    for _ in range(repeats):
        function()
    return (time.perf_counter_ns() - started) / 1000 / repeats


def calls(handler):
    from awslambdaric.lambda_runtime_marshaller import LambdaMarshaller

    marshal = LambdaMarshaller().marshal_response
    return timed(CALLS, lambda: marshal(handler({}, None)))


def s3_client(hooked):
    """A client whose requests are answered before they are sent."""
    import botocore.session
    from botocore.awsrequest import AWSResponse
    from photofinish_inspector.s3 import Hooks, Traffic

    class Raw(io.BytesIO):
        def stream(self, *_, **__):
            yield self.read()

    session = botocore.session.Session()
    if hooked:
        Hooks(Traffic()).register(session)
    client = session.create_client(
        "s3", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b", endpoint_url="http://127.0.0.1:1"
    )
    answer = lambda request, **_: AWSResponse(request.url, 200, {"content-length": "4"}, Raw(b"body"))
    client.meta.events.register_last("before-send.s3", answer)
    return lambda: client.get_object(Bucket="b", Key="k")["Body"].read()


def start(mode, folder):
    environment = {**os.environ, "PHOTOFINISH_HANDLER": "cost_handler.handler"}
    environment["PYTHONPATH"] = folder + os.pathsep + environment.get("PYTHONPATH", "")
    command = [*interpreter(), "-c", INIT, mode]
    return float(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def interpreter():
    """The command of this very process, which may have been started through a loader."""
    with open("/proc/self/cmdline", "rb") as line:
        words = line.read().decode().split("\0")
    return words[: next(at for at, word in enumerate(words) if word.endswith("cost.py"))]


def row(name, samples):
    samples = sorted(samples)
    low, high = samples[len(samples) // 20], samples[-1 - len(samples) // 20]
    print("{:22} {:9.1f}   {:9.1f} .. {:9.1f}   n = {}".format(name, samples[len(samples) // 2], low, high, len(samples)))


def main():
    import tempfile

    print("{:22} {:>9}   {:>9} .. {:>9}   microseconds".format("", "median", "5 %", "95 %"))
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "cost_handler.py"), "w") as file:
            file.write("def handler(event, context):\n    return 1\n")
        starts = {mode: [] for mode in MODES}
        for _ in range(STARTS):
            for mode in MODES:
                starts[mode].append(start(mode, folder))
    per_call, table = {mode: [] for mode in MODES}, handlers()
    clients = {"bare": s3_client(False), "stages": s3_client(True)}
    per_s3 = {mode: [] for mode in clients}
    for _ in range(BLOCKS):
        for mode in MODES:
            per_call[mode].append(calls(table[mode]))
        for mode, client in clients.items():
            per_s3[mode].append(timed(S3_CALLS, client))
    for title, samples in (("init", starts), ("call", per_call), ("call of S3", per_s3)):
        for mode, values in samples.items():
            row("{}, {}".format(title, mode), values)


if __name__ == "__main__":
    main()
