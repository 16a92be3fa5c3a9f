"""The same Python and runtime client without photofinish: under AWS's Runtime Interface Emulator,
and alone in a chroot with a Runtime API of our own."""

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from processes import descendants
from setting import Lacking
from signed import Broken, Connection

READY_WITHIN = 30
INVOCATION = "/2015-03-31/functions/function/invocations"
MACHINE = os.uname().machine
LIBRARIES = f"usr/lib/{MACHINE}-linux-gnu"
LOADERS = {"x86_64": "ld-linux-x86-64.so.2", "aarch64": "ld-linux-aarch64.so.1"}


def python_of(guest, cache):
    """The folder of the Python that a guest of photofinish runs on: its mounts tell."""
    told = Path(f"/proc/{guest}/mountinfo").read_text()
    for folder in sorted((cache.parent / "python3.14").iterdir()):
        if re.search(rf"/{re.escape(folder.name)}/", told):
            return folder
    raise Lacking("the Python that the platform's functions run on was not found")


def variables(task, runtime):
    """What a function's process finds, as far as its runtime client asks. By AWS_EXECUTION_ENV it
    chooses how it waits for events; Lambda sets it, and so does `/var/runtime/bootstrap` of AWS's own
    image, which is what runs there under the Runtime Interface Emulator."""
    return {
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.14",
        "AWS_LAMBDA_FUNCTION_NAME": "function", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240", "AWS_LAMBDA_LOG_GROUP_NAME": "group",
        "AWS_LAMBDA_LOG_STREAM_NAME": "stream", "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none", "LAMBDA_TASK_ROOT": str(task),
        "LAMBDA_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(runtime), "LC_CTYPE": "C.UTF-8",
        "LANG": "en_US.UTF-8", "TZ": ":UTC", "PATH": "/usr/local/bin:/usr/bin:/bin",
        "_HANDLER": "code_of.handler",
    }


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


class Rie:
    """The emulator with a function behind it, neither in a sandbox nor signed."""

    def __init__(self, program, python, source, cache):
        self.program, self.python, self.source = program, python, source
        self.folder = tempfile.TemporaryDirectory(dir=cache)

    def __enter__(self):
        task = Path(self.folder.name)
        (task / "code_of.py").write_text(self.source)
        root, runtime = self.python / "root", self.python / "var_runtime"
        self.address = f"127.0.0.1:{free_port()}"
        command = [
            str(self.program), "--runtime-interface-emulator-address", self.address,
            "--runtime-api-address", f"127.0.0.1:{free_port()}",
            str(root / LIBRARIES / LOADERS[MACHINE]), "--library-path", str(root / LIBRARIES),
            str(root / "usr/bin/python3.14"), str(runtime / "bootstrap.py"), "code_of.handler"]
        self.log = (task / "rie.log").open("w")
        self.process = subprocess.Popen(command, cwd=task, env=variables(task, runtime),
                                        stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, start_new_session=True)
        self._wait(task)
        return self

    def _wait(self, task):
        limit = time.monotonic() + READY_WITHIN
        while True:
            try:
                with self.connect() as connection:
                    status, answer = connection.ask("POST", INVOCATION, b"{}")
                    if status == 200 and bytes(answer) == b"null":
                        return
                    reason = f"{status} {bytes(answer).decode(errors='replace')}"
            except (OSError, Broken) as error:
                reason = str(error)
            if self.process.poll() is not None or time.monotonic() > limit:
                self.__exit__()
                raise Lacking(f"the Runtime Interface Emulator: {reason}")
            time.sleep(0.02)

    def __exit__(self, *_):
        for pid in [self.process.pid, *descendants(self.process.pid)]:
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.log.close()
        self.folder.cleanup()

    def connect(self):
        return Connection(f"http://{self.address}")


class Chroot:
    """A root to start Python in, and the Runtime API that it asks."""

    def __init__(self, python, source, cache):
        if os.geteuid() != 0:
            raise Lacking("chroot: only root may")
        self.program = shutil.which("chroot", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
        if not self.program:
            raise Lacking("chroot: not installed")
        self.python, self.source = python, source
        self.folder = tempfile.TemporaryDirectory(dir=cache)

    def __enter__(self):
        self.root = Path(self.folder.name) / "root"
        copied = {"symlinks": True, "copy_function": self._link}
        shutil.copytree(self.python / "root", self.root, **copied)
        shutil.copytree(self.python / "var_runtime", self.root / "var/runtime",
                        dirs_exist_ok=True, **copied)
        task = self.root / "var/task"
        task.mkdir(parents=True, exist_ok=True)
        (task / "code_of.py").write_text(self.source)
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.settimeout(READY_WITHIN)
        self.environment = variables("/var/task", "/var/runtime") | {
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % self.server.getsockname()[1]}
        return self

    @staticmethod
    def _link(source, copy, *, follow_symlinks=True):
        """The same files, so that both sides find the same pages in memory."""
        os.link(source, copy, follow_symlinks=False)

    def __exit__(self, *_):
        self.server.close()
        self.folder.cleanup()

    def first_response(self):
        """Seconds from the start of the process to its first answer, and its CPU seconds."""
        start = time.perf_counter()
        running = subprocess.Popen(
            [self.program, str(self.root), "/usr/bin/python3.14", "/var/runtime/bootstrap.py",
             "code_of.handler"],
            env=self.environment, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL)
        try:
            taken = self._serve_one(start)
        finally:
            running.kill()
            _, status, usage = os.wait4(running.pid, 0)
            running.returncode = os.waitstatus_to_exitcode(status)
        return taken, usage.ru_utime + usage.ru_stime

    def _serve_one(self, start):
        """Gives the one event and takes its answer."""
        connection, _ = self.server.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(READY_WITHIN)
            head, _ = _request(connection)
            if not head.startswith("GET /2018-06-01/runtime/invocation/next "):
                raise Broken(f"the runtime asked for {head.splitlines()[0]}")
            deadline = int((time.time() + 60) * 1000)
            connection.sendall(
                (f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                 f"lambda-runtime-aws-request-id: one\r\nlambda-runtime-deadline-ms: {deadline}\r\n"
                 "lambda-runtime-invoked-function-arn: arn\r\ncontent-length: 2\r\n\r\n{}")
                .encode())
            head, body = _request(connection)
            taken = time.perf_counter() - start
            if not head.startswith("POST /2018-06-01/runtime/invocation/one/response ") \
                    or body != b"null":
                raise Broken(f"the runtime answered {head.splitlines()[0]} {body!r}")
            return taken


def _request(connection):
    """Head and body of one request."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise Broken("the runtime closed its connection")
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    told = head.decode("latin-1")
    if "transfer-encoding: chunked" in told.lower():
        while not body.endswith(b"0\r\n\r\n"):
            body += connection.recv(65536)
        return told, _unchunked(body)
    length = re.search(r"(?im)^content-length: *(\d+)", told)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return told, body


def _unchunked(body):
    whole = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        count = int(size, 16)
        whole, body = whole + body[:count], body[count + 2:]
    return whole
