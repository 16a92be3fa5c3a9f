#!/usr/bin/env python3
"""Prints a Python that has what the judge needs, made once in the user's cache."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photofinish"


def python():
    pins = HERE / "requirements.txt"
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    venv = CACHE / "venvs" / f"aws-{digest}"
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(venv.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / "complete").exists():
            print("setting up: botocore and moto from PyPI", file=sys.stderr, flush=True)
            shutil.rmtree(venv, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", venv], check=True)
            pip = [venv / "bin" / "python", "-m", "pip", "install", "--quiet"]
            subprocess.run([*pip, "--requirement", pins], check=True, stdout=sys.stderr)
            (venv / "complete").touch()
    return venv / "bin" / "python"


if __name__ == "__main__":
    print(python())
