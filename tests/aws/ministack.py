#!/usr/bin/env python3
"""MiniStack (PyPI), an independent implementation of the AWS APIs that runs Python functions.

    tests/aws/ministack.py [ROOT]

Installs it into the user's cache where it is missing, under a Python 3.14, and prints the program
that starts it. Functions run in that same Python, so what they import is installed beside it.
ROOT is a root file system that holds a Python 3.14, as photofinish makes one; without it the cache
is searched for one, then PATH for python3.14.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PINS = HERE / "ministack.txt"
PIP = "pip==26.0"
SITE = "lib/python3.14/site-packages"

# An architecture's wheels, libraries and loader.
MACHINES = {
    "x86_64": ("x86_64-linux-gnu", "ld-linux-x86-64.so.2"),
    "aarch64": ("aarch64-linux-gnu", "ld-linux-aarch64.so.1"),
}

# A layer may hold another architecture's wheels, which cannot be loaded here; those that are
# installed beside MiniStack are taken before a layer's.
PREFER = """
import importlib.machinery
import os
import sys


class Installed:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if path is None and name in ("PIL", "numpy") and os.environ.get("_LAMBDA_LAYERS_DIRS"):
            return importlib.machinery.PathFinder.find_spec(name, [os.path.dirname(__file__)])
        return None


sys.meta_path.insert(0, Installed)
"""

# Lambda writes its log under the same identity that it gives an answer; MiniStack 1.5 makes two.
# And it runs images by Docker alone: what was pushed to our registry is pulled and run as a zip.
ONE_IDENTITY = """
import contextvars
import importlib.util
import os

from ministack import app
from ministack.services import lambda_svc

called = contextvars.ContextVar("called")
serve, run = app._dispatch_service_request, lambda_svc._execute_function_dispatch


async def answered(*arguments, **named):
    identities = []
    called.set(identities)
    status, headers, body = await serve(*arguments, **named)
    return status, headers | {"x-amzn-requestid": one for one in identities[-1:]}, body


def executed(func, config, event, request_id, started):
    called.get([]).append(request_id)
    if config.get("PackageType") == "Image":
        code, handler = as_zip(os.environ["REGISTRY"], config["ImageUri"])
        config = {**config, "PackageType": "Zip", "Runtime": "python3.14", "Handler": handler}
        func = {**func, "config": config, "code_zip": code}
    return run(func, config, event, request_id, started)


if "REGISTRY_PY" in os.environ:
    spec = importlib.util.spec_from_file_location("registry", os.environ["REGISTRY_PY"])
    registry = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(registry)
    as_zip = registry.as_zip
app._dispatch_service_request, lambda_svc._execute_function_dispatch = answered, executed
app.main()
"""


def cache():
    """Where photofinish keeps what it has fetched and made, and what is made here."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photofinish"


def made_by_photofinish():
    """The newest root file system with a Python for this machine, or none."""
    name = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    found = (cache() / "python3.14").glob(f"{name}-*/root")
    return max(found, key=lambda root: root.stat().st_mtime, default=None)


def interpreter(root):
    """Where a Python 3.14 lies, and a script that runs it under whatever name it was called."""
    if root is None:
        installed = shutil.which("python3.14")
        if installed is None:
            raise SystemExit("there is no Python 3.14; `photofinish package` makes one, or install it")
        python = Path(installed).resolve()
        return python, f'exec -a "$0" "{python}" "$@"'
    triplet, loader = MACHINES[platform.machine()]
    # What is Debian's lies below usr, what was copied below var/lang.
    python = (root / "var/lang/bin/python3.14").resolve()
    if not python.is_relative_to(root.resolve()):
        python = root / "usr/bin/python3.14"
    libraries = root / "usr/lib" / triplet
    run = f'"{libraries / loader}" --argv0 "$0" --library-path "{libraries}" "{python}"'
    return python, f'exec {run} "$@"'


def install(venv, root):
    """A virtual environment: the script beside a pyvenv.cfg, and wheels for 3.14."""
    python, script = interpreter(root)
    program = venv / "bin" / "python3.14"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/bash\n{script}\n")
    program.chmod(0o755)
    cfg = f"home = {python.parent}\ninclude-system-site-packages = false\n"
    (venv / "pyvenv.cfg").write_text(cfg)
    site = venv / SITE
    with tempfile.TemporaryDirectory() as folder:
        # Debian's Python comes without pip; a wheel of pip can be run as it is.
        subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                        "--dest", folder, PIP], check=True, stdout=sys.stderr)
        (wheel,) = Path(folder).glob("pip-*.whl")
        pip = [program, f"{wheel}/pip", "install", "--quiet", "--only-binary=:all:"]
        subprocess.run([*pip, "--target", site, "--requirement", PINS], check=True,
                       stdout=sys.stderr)
    (site / "installed_first.py").write_text(PREFER)
    (site / "installed_first.pth").write_text("import installed_first\n")
    (site / "one_identity.py").write_text(ONE_IDENTITY)
    start = venv / "bin" / "ministack"
    start.write_text(f'#!/bin/bash\nexec "{program}" -P -m one_identity "$@"\n')
    start.chmod(0o755)


def installed(root=None):
    """The program that starts MiniStack, installed if need be."""
    root = root or made_by_photofinish()
    made_of = PINS.read_bytes() + Path(__file__).read_bytes() + str(root).encode()
    venv = cache() / "venvs" / f"ministack-{hashlib.sha256(made_of).hexdigest()[:12]}"
    venv.parent.mkdir(parents=True, exist_ok=True)
    with open(venv.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (venv / "complete").exists():
            print("setting up: MiniStack from PyPI", file=sys.stderr, flush=True)
            shutil.rmtree(venv, ignore_errors=True)
            install(venv, root)
            (venv / "complete").touch()
    return venv / "bin" / "ministack"


def environment(port, **more):
    """The variables that MiniStack is started with: loopback only, no state but its own."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "PYTHON"))}
    folder = tempfile.gettempdir()
    return {**kept, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port), "LOG_LEVEL": "WARNING",
            "STATE_DIR": folder, "PYTHONDONTWRITEBYTECODE": "1", **more}


if __name__ == "__main__":
    if len(sys.argv) > 2:
        raise SystemExit(__doc__)
    print(installed(Path(sys.argv[1]) if len(sys.argv) == 2 else None))
