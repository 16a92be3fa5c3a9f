#!/usr/bin/env python3
"""The CNCF distribution's registry (Debian's docker-registry), an independent one, on loopback.

    tests/aws/registry.py [--open]

Fetches it by apt into the user's cache where it is missing; nothing is installed and nobody need be
root. It prints its address and serves until its standard input ends. It wants the user AWS with the
password not-a-secret, as ECR's registry wants a user and a password; with --open it wants nobody's.
What it holds is gone afterwards.
"""

import base64
import fcntl
import gzip
import hashlib
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zipfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photofinish"
PACKAGE = "docker-registry"
USER = ("AWS", "not-a-secret")
TOKEN = base64.b64encode(":".join(USER).encode()).decode()
# The same in the only form that the registry reads: bcrypt, as `htpasswd -B` writes it.
HTPASSWD = "AWS:$2b$05$C3s/5AlqDUr/6ve6BSCjm.HQ180Dj0VJHUpfbvauUpQS3RbnuktUi\n"
CONFIGURATION = """version: 0.1
log:
  accesslog:
    disabled: true
  level: error
storage:
  filesystem:
    rootdirectory: {folder}/storage
http:
  addr: 127.0.0.1:{port}
"""
AUTHORISED = """auth:
  htpasswd:
    realm: images
    path: {folder}/htpasswd
"""


def installed():
    """The program, fetched if need be."""
    folder = CACHE / "registry" / PACKAGE
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            print(f"setting up: {PACKAGE} from Debian", file=sys.stderr, flush=True)
            shutil.rmtree(folder, ignore_errors=True)
            fetch(folder)
            (folder / "complete").touch()
    return folder / "usr/bin" / PACKAGE


def fetch(folder):
    """By the machine's own apt sources, with lists and a cache that pass."""
    for program in ("apt-get", "dpkg-deb"):
        if shutil.which(program) is None:
            raise SystemExit(f"LACKING: {program}, to fetch {PACKAGE} with")
    with tempfile.TemporaryDirectory() as state:
        for part in ("lists/partial", "archives/partial"):
            (Path(state) / part).mkdir(parents=True)
        settings = {"Dir::State::Lists": f"{state}/lists", "Dir::Cache": state,
                    "Dir::Cache::Archives": f"{state}/archives", "APT::Sandbox::User": "",
                    "Debug::NoLocking": "true", "Acquire::Languages": "none"}
        apt = ["apt-get", "--quiet"]
        apt += [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
        for command in (["update"], ["download", PACKAGE]):
            subprocess.run([*apt, *command], check=True, cwd=state, stdout=sys.stderr)
        (package,) = Path(state).glob("*.deb")
        subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)


@contextmanager
def serving(everybody=False):
    """A registry on loopback, and its address; it ends with the block."""
    program = installed()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        text = CONFIGURATION + ("" if everybody else AUTHORISED)
        (Path(folder) / "config.yml").write_text(text.format(folder=folder, port=port))
        (Path(folder) / "htpasswd").write_text(HTPASSWD)
        server = subprocess.Popen([program, "serve", Path(folder) / "config.yml"],
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(300):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                if server.poll() is not None:
                    raise SystemExit(f"{program} ended with {server.returncode}")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def get(url, digest=None):
    """The bytes at an address, which must be what the digest says."""
    kinds = "application/vnd.oci.image.manifest.v1+json"
    request = urllib.request.Request(
        url, headers={"Authorization": f"Basic {TOKEN}", "Accept": kinds})
    with urllib.request.urlopen(request, timeout=60) as answer:
        found = answer.read()
    if digest and digest != "sha256:" + hashlib.sha256(found).hexdigest():
        raise ValueError(f"{url} holds something else")
    return found


@cache
def as_zip(registry, image):
    """An image of a Python function as the zip that it would be, and its handler: for a server that
    runs zips only. Every byte is what its digest says, packed and unpacked."""
    name, _, digest = image.partition("@")
    at = f"{registry}/v2/{name.partition('/')[2]}"
    manifest = json.loads(get(f"{at}/manifests/{digest}", digest))
    digest = manifest["config"]["digest"]
    configuration = json.loads(get(f"{at}/blobs/{digest}", digest))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as code:
        for layer, id in zip(manifest["layers"], configuration["rootfs"]["diff_ids"], strict=True):
            plain = gzip.decompress(get(f"{at}/blobs/{layer['digest']}", layer["digest"]))
            if id != "sha256:" + hashlib.sha256(plain).hexdigest():
                raise ValueError(f"a layer of {image} is not what it should be")
            with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
                for member in archive:
                    for below in ("var/task/", "opt/python/"):
                        if member.isfile() and member.name.startswith(below):
                            code.writestr(member.name[len(below):],
                                          archive.extractfile(member).read())
    return packed.getvalue(), configuration["config"]["Cmd"][0]


def main():
    if sys.argv[1:] not in ([], ["--open"]):
        raise SystemExit(__doc__)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with serving(everybody=bool(sys.argv[1:])) as url:
        print(url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
