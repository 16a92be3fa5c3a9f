#!/usr/bin/env python3
"""Clients that nobody here wrote drive `photofinish serve`: boto3, the AWS CLI and the SAM CLI.

    tests/clients/run.py PHOTOFINISH [STORY...]

PHOTOFINISH is the built program. Every operation that the local platform claims is asked for, and
every answer is held against botocore's model of the service: no member that the model lacks, none
missing that it requires, no value outside its enumerations and patterns, no error code that the
operation does not have. Needs Python 3.11 or newer with venv; the clients come from PyPI into the
cache. A story is named as it is printed; with none named all are told.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
READY_WITHIN = 300  # The first start makes the Python that functions run on.
STOPPED_WITHIN = 20


def cache():
    """Where photofinish keeps what it has fetched and made, and what is made here."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photofinish"


def environment(pinned, what):
    """A Python with what is pinned, made once in the user's cache."""
    pins = HERE / pinned
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    venv = cache() / "venvs" / f"serve-clients-{digest}"
    if not (venv / "complete").exists():
        print(f"setting up: {what} from PyPI", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(venv)], check=True)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*pip, "--requirement", str(pins)], check=True)
        (venv / "complete").touch()
    return venv


class Served:
    """`photofinish serve` for as long as the block lasts, stopped as Ctrl-C stops it."""

    def __init__(self, photofinish, folder, *options, within=(), said=None):
        self.keys = folder / "aws.env"
        command = [*within, str(photofinish), "serve", "--port", "0", "--env", str(self.keys),
                   *options]
        self.process = subprocess.Popen(command, cwd=folder, start_new_session=True, stderr=said)

    def __enter__(self):
        limit = time.monotonic() + READY_WITHIN
        while not self.keys.exists():
            if self.process.poll() is not None:
                sys.exit(f"serve ended with {self.process.returncode} before it was ready")
            if time.monotonic() > limit:
                sys.exit(f"serve was not ready within {READY_WITHIN} s")
            time.sleep(0.05)
        assert self.keys.stat().st_mode & 0o777 == 0o600, "others may read the keys"
        return self

    def __exit__(self, *_):
        children = descendants(self.process.pid)
        self.process.send_signal(signal.SIGINT)
        try:
            code = self.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            self.process.kill()
            sys.exit(f"serve did not stop within {STOPPED_WITHIN} s of Ctrl-C")
        assert code == 0, f"serve ended with {code}"
        assert not self.keys.exists(), "the keys were left behind"
        left = [pid for pid in children if Path(f"/proc/{pid}").exists()]
        assert not left, f"processes were left behind: {left}"

    def variables(self):
        """What a shell has that sourced the file."""
        lines = self.keys.read_text().splitlines()
        return dict(line.removeprefix("export ").split("=", 1) for line in lines)


def descendants(pid):
    """All processes below this one."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            found += [child, *descendants(child)]
    return found


def tell(venvs, served, folder, *arguments):
    """Tells stories against what is served; gives the exit code."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    path = ":".join([*(str(venv / "bin") for venv in venvs), os.environ["PATH"]])
    variables = {**bare, **served.variables(), "PATH": path, "AWS_PAGER": "", "HOME": str(folder),
                 "AWS_MAX_ATTEMPTS": "1", "PHOTOFINISH_CACHE": str(cache()), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(venvs[0] / "bin" / "python"), str(HERE / "stories.py"), *arguments]
    return subprocess.run(command, env=variables, cwd=folder).returncode


def warned(photofinish, folder):
    """Every address is listened on only with a warning; a loopback one needs none. Tried in a network
    of its own, which has no way to anywhere, so that nobody is let in by it. Gives what went wrong."""
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
        print("LACKING: unshare with a network of its own; no address beyond loopback is tried")
        return 0
    told = {}
    for address in ("0.0.0.0", "127.0.0.2"):
        with (folder / "said").open("w") as said:
            with Served(photofinish, folder, "--open-to", address, within=alone, said=said) as served:
                endpoint = served.variables()["AWS_ENDPOINT_URL"]
        told[address] = [line for line in (folder / "said").read_text().splitlines()
                         if line.strip().startswith("warning")]
        print(f"--open-to {address}: {endpoint}, warnings: {told[address]}")
    right = len(told["0.0.0.0"]) == 1 and "not encrypted" in told["0.0.0.0"][0]
    return 0 if right and not told["127.0.0.2"] else 1


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    photofinish, names = Path(sys.argv[1]).resolve(), sys.argv[2:]
    # Each wants a botocore of its own.
    venvs = [environment("requirements.txt", "boto3 and the AWS CLI"),
             environment("requirements-sam.txt", "the SAM CLI")]
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        data = ["--data", str(folder / "data")]
        with Served(photofinish, folder, *data) as served:
            failed = tell(venvs, served, folder, "told", *names)
        if not names:
            # With --data everything is there again at the next start, under new keys.
            with Served(photofinish, folder, *data) as served:
                failed = tell(venvs, served, folder, "again") or failed
            failed = warned(photofinish, folder) or failed
    print(f"{time.monotonic() - started:.0f} s in all")
    sys.exit(failed)


if __name__ == "__main__":
    main()
