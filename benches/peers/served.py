"""`photofinish serve`, and its functions, as a client has them."""

import base64
import io
import signal
import subprocess
import tempfile
import time
import zipfile
from pathlib import Path

from processes import descendants
from setting import Lacking
from signed import Connection, Keys, named

READY_WITHIN = 300  # The first start makes the Python that functions run on.
STOPPED_WITHIN = 60
FUNCTIONS = "/2015-03-31/functions"
# So much memory buys all cores of this machine: no share of one is what is measured.
MEMORY_MB = 10_240


class Served:
    """The platform for as long as the block lasts."""

    def __init__(self, program, cache, *options):
        self.program, self.options = program, options
        self.folder = tempfile.TemporaryDirectory(dir=cache)

    def __enter__(self):
        folder = Path(self.folder.name)
        env = folder / "aws.env"
        with (folder / "serve.log").open("w") as log:
            self.process = subprocess.Popen(
                [str(self.program), "serve", "--port", "0", "--env", str(env), *self.options],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        limit = time.monotonic() + READY_WITHIN
        while not env.exists():
            if self.process.poll() is not None or time.monotonic() > limit:
                self.process.kill()
                raise Lacking(f"photofinish serve: {(folder / 'serve.log').read_text()}")
            time.sleep(0.02)
        lines = env.read_text().splitlines()
        self.told = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        self.tier = (folder / "serve.log").read_text().strip()
        # Its only child at the start is the keeper.
        self.keeper = next(iter(descendants(self.pid)), None)
        return self

    def __exit__(self, *_):
        self.left = None
        children = descendants(self.pid)
        self.process.send_signal(signal.SIGINT)
        try:
            self.code = self.process.wait(STOPPED_WITHIN)
        finally:
            self.process.kill()
            self.left = [pid for pid in children if Path(f"/proc/{pid}").exists()]
            self.folder.cleanup()

    @property
    def pid(self):
        return self.process.pid

    def connect(self, service="lambda", room=1 << 16):
        """A connection that signs for a service."""
        keys = Keys(self.told["AWS_ACCESS_KEY_ID"], self.told["AWS_SECRET_ACCESS_KEY"],
                    self.told["AWS_REGION"], service)
        return Connection(self.told["AWS_ENDPOINT_URL"], keys, room)


def package(source):
    """A zip with one module."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("code_of.py"), source)
    return packed.getvalue()


def invocation(name):
    """The path that a function is invoked by."""
    return f"{FUNCTIONS}/{named(name)}/invocations"


def create(connection, name, source, memory_mb=MEMORY_MB):
    """Creates a function and waits until it can be called."""
    connection.ask_json("POST", FUNCTIONS, {
        "FunctionName": name, "Runtime": "python3.14", "Handler": "code_of.handler",
        "Role": "arn:aws:iam::000000000000:role/any", "MemorySize": memory_mb, "Timeout": 60,
        "Code": {"ZipFile": base64.b64encode(package(source)).decode()}})
    wait_until_settled(connection, name)


def wait_until_settled(connection, name):
    """Waits for the end of a change."""
    while True:
        told = connection.ask_json("GET", f"{FUNCTIONS}/{named(name)}/configuration")
        if told["State"] == "Active" and told["LastUpdateStatus"] == "Successful":
            return
        if "Failed" in (told["State"], told["LastUpdateStatus"]):
            raise SystemExit(f"the function {name} failed: {told}")
        time.sleep(0.005)


def make_cold(connection, name, number):
    """Has every sandbox of a function ended."""
    connection.ask_json("PUT", f"{FUNCTIONS}/{named(name)}/configuration",
                        {"Description": f"change {number}"})
    wait_until_settled(connection, name)


def delete(connection, name):
    connection.ask_json("DELETE", f"{FUNCTIONS}/{named(name)}")
