"""What the race needs, set up in the user's cache: environments, builds and pictures."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
CONTESTANTS = HERE / "contestants"
# The wheel that the Runtime Interface Emulator's programs ride in.
RIE_WHEEL = "1.170.0"
RIE_WHEEL_SHA256 = "24ebaf5ecba38dc1758089968cb89ab61e124b84e92a344fc7a2771a47f4d0bf"


class Lacking(Exception):
    """Something cannot be had on this machine; its words say what and why."""


def _digest(*files):
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _run(command, what, **how):
    """Runs a command that sets something up; its last words are the reason if it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, **how)
    except OSError as error:
        raise Lacking(f"{what}: {error}") from error
    if done.returncode:
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-3:]
        raise Lacking(f"{what}: {' / '.join(last)}")


def _say(what):
    print(f"setting up: {what}", file=sys.stderr, flush=True)


class Setting:
    """Where everything lies."""

    def __init__(self):
        home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        self.cache = home / "photofinish" / "peers"
        self.cache.mkdir(parents=True, exist_ok=True)
        self._pictures = None
        self._python = None

    def python(self):
        """The interpreter of an environment with every library that is pinned."""
        if self._python is None:
            self._python = self._environment()
        return self._python

    def _environment(self):
        pins = HERE / "requirements.txt"
        venv = self.cache / f"venv-{_digest(pins)}-{sys.version_info[0]}.{sys.version_info[1]}"
        python = venv / "bin" / "python"
        if not (venv / "complete").exists():
            _say("Pillow, OpenCV and pyvips from PyPI")
            _run([sys.executable, "-m", "venv", "--clear", str(venv)], "no virtual environment")
            pip = [str(python), "-m", "pip", "install", "--quiet"]
            # One by one: what cannot be had must not keep the others away.
            complete = True
            for pin in pins.read_text().split():
                try:
                    _run([*pip, pin], pin)
                except Lacking as lacking:
                    _say(f"{lacking}")
                    complete = False
            if complete:
                (venv / "complete").touch()
        return python

    def node(self):
        """The folder that sharp was installed in."""
        package = CONTESTANTS / "package.json"
        folder = self.cache / f"node-{_digest(package)}"
        if not (folder / "complete").exists():
            if shutil.which("node") is None or shutil.which("npm") is None:
                raise Lacking("sharp: node and npm are not installed")
            _say("sharp from npm")
            folder.mkdir(exist_ok=True)
            shutil.copy(package, folder)
            npm = ["npm", "install", "--loglevel=error", "--no-audit", "--no-fund",
                   "--no-package-lock"]
            _run(npm, "sharp", cwd=folder)
            (folder / "complete").touch()
        return folder

    def native(self):
        """The native contestant, built anew if anything changed."""
        target = self.cache / "contestant"
        _say("the native contestant, in release")
        cargo = ["cargo", "build", "--release", "--quiet", "--target-dir", str(target)]
        _run(cargo, "the native contestant cannot be built", cwd=HERE / "native")
        return target / "release" / "photofinish-contestant"

    def judge(self):
        """The contract's judge in bulk."""
        target = self.cache / "photofinish"
        _say("the judge")
        cargo = ["cargo", "build", "--release", "--quiet", "--target-dir", str(target),
                 "--package", "photofinish-verify", "--example", "judge"]
        _run(cargo, "the judge cannot be built", cwd=REPOSITORY)
        return target / "release" / "examples" / "judge"

    def photofinish(self):
        """The program itself, as anyone builds it in release."""
        target = self.cache / "photofinish"
        _say("photofinish, in release")
        cargo = ["cargo", "build", "--release", "--quiet", "--target-dir", str(target),
                 "--package", "photofinish", "--bin", "photofinish"]
        _run(cargo, "photofinish cannot be built", cwd=REPOSITORY)
        return target / "release" / "photofinish"

    def bare(self):
        """The server that keeps files and nothing else."""
        target = self.cache / "photofinish"
        _say("the bare server")
        cargo = ["cargo", "build", "--release", "--quiet", "--target-dir", str(target),
                 "--package", "photofinish-emulator", "--example", "bare"]
        _run(cargo, "the bare server cannot be built", cwd=REPOSITORY)
        return target / "release" / "examples" / "bare"

    def rie(self):
        """AWS's Runtime Interface Emulator, out of the wheel that carries it."""
        machine = {"aarch64": "arm64"}.get(os.uname().machine, os.uname().machine)
        program = self.cache / f"aws-lambda-rie-{RIE_WHEEL}-{machine}"
        if not program.exists():
            _say("the Runtime Interface Emulator, out of aws-sam-cli from PyPI")
            with tempfile.TemporaryDirectory(dir=self.cache) as folder:
                pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                       "--only-binary=:all:", "--dest", folder, f"aws-sam-cli=={RIE_WHEEL}"]
                _run(pip, "the Runtime Interface Emulator")
                wheel = next(Path(folder).glob("*.whl"))
                if hashlib.sha256(wheel.read_bytes()).hexdigest() != RIE_WHEEL_SHA256:
                    raise Lacking(f"aws-sam-cli {RIE_WHEEL}: not the wheel that is pinned")
                with zipfile.ZipFile(wheel) as archive:
                    inside = f"samcli/local/rapid/aws-lambda-rie-{machine}"
                    part = Path(archive.extract(inside, folder))
                part.chmod(0o755)
                part.rename(program)
        return program

    def pictures(self):
        """The folder of the inputs, made if need be."""
        if self._pictures is None:
            maker = HERE / "pictures.py"
            folder = self.cache / f"pictures-{_digest(maker, HERE / 'requirements.txt')}"
            if not (folder / "complete").exists():
                _say("the pictures")
                folder.mkdir(exist_ok=True)
                inputs = REPOSITORY / "crates/assets/applications/image-pipeline/inputs"
                command = [str(self.python()), str(maker), str(self.native()), str(inputs),
                           str(folder)]
                _run(command, "the pictures cannot be made")
                (folder / "complete").touch()
            self._pictures = folder
        return self._pictures
