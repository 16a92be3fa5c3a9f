#!/usr/bin/env python3
"""ceph's s3-tests judge the S3 of `photofinish serve`.

    tests/s3-tests/run.py PHOTOFINISH --suite DIR [--all]

PHOTOFINISH is the built program, DIR a checkout of https://github.com/ceph/s3-tests; it is not part
of this repository. Without --suite the environment variable PHOTOFINISH_S3_TESTS names it; where
neither does, nothing is run and that is said.

passing.txt names the tests that pass; one of them that fails, or that the suite no longer has, is an
exit code of 1. apart.txt names those that touch what is claimed and fail, with the reason; one of
them that passes now is told, so that it moves. --all runs both files' tests and all others of the
suite's two modules that no marker sets apart, and prints what became of them: this is how the lists
are made. Needs Python 3.11 or newer with venv; what the suite needs comes from PyPI into the cache.
"""

import argparse
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml
from pathlib import Path

HERE = Path(__file__).resolve().parent
READY_WITHIN = 300  # The first start makes the Python that functions run on.
STOPPED_WITHIN = 20
SECONDS_A_TEST = 120
MODULES = ("test_s3", "test_headers")
# What tests are about that is not claimed, by the suite's own markers.
BEYOND = (
    "abac_test", "appendobject", "bucket_encryption", "bucket_logging", "bucket_policy",
    "cloud_restore", "cloud_transition", "delete_marker", "encryption", "iam_account",
    "iam_cross_account", "iam_user", "lifecycle", "object_lock", "object_ownership", "s3select",
    "s3website", "sns", "sse_s3", "storage_class", "tagging", "versioning",
)
# The suite wants several accounts and roles; there is one, and tests of several are not run.
ACCOUNTS = ("s3 main", "s3 alt", "s3 tenant", "iam", "iam root", "iam alt root")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photofinish", type=Path)
    parser.add_argument("--suite", type=Path, default=os.environ.get("PHOTOFINISH_S3_TESTS"))
    parser.add_argument("--all", action="store_true")
    return parser.parse_args()


def python():
    """A Python with what is pinned, made once in the user's cache."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photofinish"
    pins = HERE / "requirements.txt"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    venv = cache / "venvs" / f"s3-tests-{digest}"
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(venv.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / "complete").exists():
            print("setting up: what ceph's s3-tests need, from PyPI", file=sys.stderr, flush=True)
            shutil.rmtree(venv, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet"]
            subprocess.run([*pip, "--requirement", pins], check=True, stdout=sys.stderr)
            (venv / "complete").touch()
    return venv / "bin" / "python"


def listed(name):
    """The tests of a list, each with what is said of it."""
    lines = (line.strip() for line in (HERE / name).read_text().splitlines())
    split = (line.split(None, 1) for line in lines if line and not line.startswith("#"))
    return {words[0]: (words[1:] or [""])[0] for words in split}


class Served:
    """`photofinish serve` for as long as the block lasts."""

    def __init__(self, photofinish, folder):
        self.keys = folder / "aws.env"
        command = [str(photofinish.resolve()), "serve", "--port", "0", "--env", str(self.keys)]
        self.process = subprocess.Popen(command, cwd=folder, start_new_session=True)

    def __enter__(self):
        limit = time.monotonic() + READY_WITHIN
        while not self.keys.exists():
            if self.process.poll() is not None or time.monotonic() > limit:
                self.process.kill()
                sys.exit("serve was not ready")
            time.sleep(0.05)
        lines = self.keys.read_text().splitlines()
        return dict(line.removeprefix("export ").split("=", 1) for line in lines)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(STOPPED_WITHIN)
        finally:
            self.process.kill()


def settings(told):
    """The suite's settings for what is served."""
    host, port = told["AWS_ENDPOINT_URL"].removeprefix("http://").rsplit(":", 1)
    sections = [f"[DEFAULT]\nhost = {host}\nport = {port}\nis_secure = False\nssl_verify = False\n",
                "[fixtures]\nbucket prefix = photofinish-{random}-\n"]
    sections += [
        f"[{account}]\ndisplay_name = photofinish\nuser_id = photofinish\nemail = any@example.org\n"
        f"api_name = default\ntenant = tenant\naccess_key = {told['AWS_ACCESS_KEY_ID']}\n"
        f"secret_key = {told['AWS_SECRET_ACCESS_KEY']}\n" for account in ACCOUNTS]
    return "".join(sections)


def judge(given, folder, wanted):
    """Runs the tests named, or all that no marker sets apart; their outcomes by name."""
    results = folder / "results.xml"
    with Served(given.photofinish, folder) as told:
        # The keys are this run's alone, and go with the folder, which only its owner may read.
        (folder / "settings").write_text(settings(told))
        command = [str(python()), "-m", "pytest", "--quiet", "-p", "no:cacheprovider",
                   "--tb=line", "--timeout", str(SECONDS_A_TEST), "--junitxml", str(results)]
        if wanted is None:
            command += ["-m", f"not ({' or '.join(BEYOND)})"]
        else:
            (folder / "conftest_names").write_text("\n".join(wanted))
            command += ["-p", "chosen"]
        command += [f"s3tests/functional/{module}.py" for module in MODULES]
        environment = os.environ | {
            "S3TEST_CONF": str(folder / "settings"), "CHOSEN": str(folder / "conftest_names"),
            "PYTHONPATH": os.pathsep.join([str(given.suite.resolve()), str(HERE)]),
            "PYTHONDONTWRITEBYTECODE": "1"}
        subprocess.run(command, cwd=given.suite, env=environment, check=False)
    return outcomes(results)


def outcomes(results):
    """What became of each test; one with an error before or after it has not passed."""
    found = {}
    for case in xml.parse(results).iter("testcase"):
        name = case.get("name")
        said = [child for child in case if child.tag in ("failure", "error", "skipped")]
        words = [f"{child.tag}: {(child.get('message') or '').splitlines()[0][:200]}"
                 for child in said]
        if name not in found or words:
            found[name] = "; ".join(words)
    return found


def main():
    given = arguments()
    if given.suite is None:
        print("LACKING: ceph's s3-tests (name a checkout by --suite or PHOTOFINISH_S3_TESTS); "
              "nothing of them is run here")
        return 0
    given.suite = Path(given.suite)
    if not (given.suite / "s3tests" / "functional" / "test_s3.py").is_file():
        sys.exit(f"{given.suite} is no checkout of ceph's s3-tests")
    passing, apart = listed("passing.txt"), listed("apart.txt")
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        found = judge(given, Path(folder), None if given.all else [*passing, *apart])
    worse = {name: found.get(name, "the suite has no such test") for name in passing
             if found.get(name, "gone")}
    better = [name for name in found if not found[name] and name not in passing]
    if given.all:
        for name, words in sorted(found.items()):
            if words and name not in apart:
                print(f"{name}  {words}")
    for name, words in worse.items():
        print(f"NO LONGER PASSES {name}: {words}")
    for name in better:
        print(f"PASSES NOW {name}: move it to passing.txt")
    print(f"ceph's s3-tests: {len(passing) - len(worse)} of {len(passing)} that must pass do, "
          f"{len(apart)} known not to, {time.monotonic() - begun:.0f} s")
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
