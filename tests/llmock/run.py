#!/usr/bin/env python3
"""Servers that imitate the models' APIs, made by others, and our client.

    tests/llmock/run.py ASK

ASK is the example of crates/generate, built by `cargo build -p photofinish-generate --example ask`.
llmock (PyPI) is told to fail in ways that clients meet, and then judges how ours behaved; it must
find nothing. aimock (npm) answers with thoughts, and breaks answers off. A server of our own shows
whom the client trusts over TLS. What is needed is installed into the user's cache once; everything
listens on loopback only. Where npm is missing, aimock is left out, and that is said.
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "photofinish"
KEY = "sk-none-0123456789"
HASTY = ["pause_ms=100", "deadline_ms=30000"]

# What each is asked by, and where it lies below the servers' addresses.
MODELS = {
    "openai": "openai:gpt-5",
    "gemini": "gemini:gemini-3.1-pro-preview",
    "deepseek": "deepseek:deepseek-flash",
    "compatible": "compatible:any",
}
IN_LLMOCK = {"openai": "/v1", "gemini": "/gemini", "deepseek": "/v1", "compatible": "/v1"}
IN_AIMOCK = {"openai": "/v1", "gemini": "", "deepseek": "", "compatible": "/v1"}


def _folder(kind, pins):
    digest = hashlib.sha256(pins.read_bytes()).hexdigest()[:12]
    return CACHE / kind / f"llmock-{digest}"


def llmock():
    """The command, installed if need be."""
    pins = HERE / "requirements.txt"
    venv = _folder("venvs", pins)
    if not (venv / "complete").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", venv], check=True)
        pip = [venv / "bin" / "pip", "install", "--quiet", "--requirement", pins]
        subprocess.run(pip, check=True)
        (venv / "complete").touch()
    return venv / "bin" / "llmock"


def aimock():
    """The command, installed if need be; none without npm. Its name is llmock, too."""
    if shutil.which("npm") is None:
        return None
    pins = HERE / "package.json"
    folder = _folder("node", pins)
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(pins, folder)
        npm = ["npm", "install", "--loglevel=error", "--no-audit", "--no-fund", "--no-package-lock"]
        subprocess.run(npm, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (folder / "complete").touch()
    return folder / "node_modules" / ".bin" / "llmock"


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def serving(command, ready):
    """A server on loopback, and its address; it ends with the block."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen([*command, "-p", str(port)], stdout=log, stderr=log)
        try:
            for _ in range(300):
                if server.poll() is not None:
                    break
                try:
                    call(address + ready)
                    break
                except OSError:
                    time.sleep(0.1)
            else:
                raise SystemExit(f"{command[0]} does not answer")
            if server.poll() is not None:
                log.seek(0)
                raise SystemExit(f"{command[0]} ended:\n{log.read().decode(errors='replace')}")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def call(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request) as answer:
        return json.loads(answer.read())


class Asking:
    """Asks through our client and holds what it tells against what is expected."""

    def __init__(self, ask):
        self.ask = ask
        self.asked = 0
        self.faults = []

    def lines(self, provider, base_url, question, *settings, **more):
        names = [name for name in os.environ if name.endswith(("_API_KEY", "_BASE_URL"))]
        environment = {name: value for name, value in os.environ.items() if name not in names}
        environment.update(more)
        environment[f"{provider.upper()}_API_KEY"] = KEY
        command = [self.ask, MODELS[provider], f"base_url={base_url}", *HASTY, *settings]
        done = subprocess.run(command, input=question, capture_output=True, text=True,
                              env=environment, timeout=120)
        if done.returncode not in (0, 1) or KEY in done.stdout + done.stderr:
            raise SystemExit(f"{command}: {done.stderr or 'the key is in what it told'}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def expect(self, what, line, **expected):
        self.asked += 1
        if line["intents"] != len(line["attempts"]):
            self.faults.append(f"{what}: {line['intents']} intents: {line}")
        for name, value in expected.items():
            if line.get(name) != value:
                self.faults.append(f"{what}: {name} is not {value!r}: {line}")


def faults_that_clients_meet(asking, address):
    """Each API: nothing wrong, limits, broken servers, what no waiting mends, and silence."""

    def script(*behaviours):
        call(f"{address}/_llmock/scenario", {"behaviors": list(behaviours)})

    def fail(status, **how):
        return {"type": "fail", "status": status, **how}

    for provider, path in IN_LLMOCK.items():
        def ask(what, *settings, provider=provider, path=path):
            question = f"{provider}: {what}"
            return asking.lines(provider, address + path, question, *settings)[0]

        asking.expect(f"{provider}, plainly", ask("plainly"), attempts=[200], ending="complete",
                      text=f"Hello! You said: {provider}: plainly")
        script(fail(429, retry_after=1.5, times=2))
        asking.expect(f"{provider}, limited", ask("limited"), attempts=[429, 429, 200])
        script(fail(500), fail(503), fail(502))
        asking.expect(f"{provider}, broken", ask("broken"), attempts=[500, 503, 502, 200])
        script(fail(500, times=5))
        asking.expect(f"{provider}, broken for good", ask("broken for good"), attempts=[500] * 5)
        for status, cause in [(400, "bad request"), (401, "bad key"), (403, "bad key")]:
            script(fail(status))
            asking.expect(f"{provider}, {status}", ask(str(status)), attempts=[status], cause=cause)
        script({"type": "delay", "seconds": 2})
        silent = ask("silent", "request_ms=700")
        asking.expect(f"{provider}, silent", silent, ending="complete")
        if silent["attempts"][1:] != [200] or "no answer in time" not in str(silent["attempts"][0]):
            asking.faults.append(f"{provider}, silent: {silent}")
    # The first who is told to wait speaks for all: nobody else asks before.
    script(fail(429, retry_after=1.5))
    lines = asking.lines("openai", address + "/v1", "all at once", "times=6", "at_once=1")
    for line in lines:
        asking.expect("six at once", line, ending="complete")
    if sum(len(line["attempts"]) for line in lines) != 7:
        asking.faults.append(f"six at once: {lines}")


def verdict(command, address):
    """What llmock makes of our client; its command says so too, by its exit code."""
    found = call(f"{address}/_llmock/verdict")
    environment = {**os.environ, "NO_COLOR": "1", "NO_PROXY": "127.0.0.1"}
    report = subprocess.run([command, "report", "--strict", "--url", address], capture_output=True, text=True,
                            env=environment)
    told = [f"llmock: {finding['code']}: {finding['title']}" for finding in found["findings"]]
    if report.returncode:
        told.append(f"llmock report: {report.stdout}{report.stderr}")
    if not found["faults_injected"]:
        told.append("llmock: no fault was met")
    print(f"llmock: {found['calls']} calls in {found['attempts']} attempts, "
          f"{found['faults_injected']} faults, {len(found['findings'])} findings")
    return told


def thoughts_and_broken_answers(asking, address):
    """Each API: thoughts beside the answer, truncation, no quota, and answers that break off."""
    for provider, path in IN_AIMOCK.items():
        base_url = address + path

        def ask(question, provider=provider, base_url=base_url):
            return asking.lines(provider, base_url, question)[0]

        usage = {"input": 12, "cached": None, "output": 30, "reasoning": None}
        asking.expect(f"{provider}, thoughts", ask("Please think first."), attempts=[200],
                      text="```python\nright = 1\n```", ending="complete", usage=usage)
        cut_off = ask("A text without end.")
        asking.expect(f"{provider}, cut off", cut_off, attempts=[200], text="```python\nhalf")
        if not cut_off.get("ending", "").startswith("cut off: "):
            asking.faults.append(f"{provider}, cut off: {cut_off}")
        if provider != "gemini":
            # OpenAI's words; Gemini has others, which aimock does not know.
            asking.expect(f"{provider}, no quota", ask("I am without money."), attempts=[429],
                          cause="no quota")
        for chaos, why in [("malformedRate", "cannot be read"), ("disconnectRate", "")]:
            call(f"{address}/__aimock/chaos", {chaos: 1})
            broken = ask("Please think first.")
            call(f"{address}/__aimock/chaos", {chaos: 0})
            asking.expect(f"{provider}, {chaos}", broken, intents=5)
            if "gave up after 5 attempts" not in broken["failure"] or why not in broken["failure"]:
                asking.faults.append(f"{provider}, {chaos}: {broken}")


def only_whom_it_trusts(asking, python):
    """Over TLS the key is sent to a server that is vouched for, and to no other."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = subprocess.Popen([python, HERE / "secure.py", folder])
        try:
            for _ in range(300):
                if (folder / "port").exists() or server.poll() is not None:
                    break
                time.sleep(0.1)
            base_url = f"https://127.0.0.1:{(folder / 'port').read_text()}/v1"

            def ask(what, **more):
                return asking.lines("compatible", base_url, what, "pause_ms=10", **more)[0]

            stranger = ask("a stranger")
            # Once: no pause makes a server another one.
            asking.expect("a stranger over TLS", stranger, intents=1)
            if "certificate" not in stranger["failure"] or (folder / "got").exists():
                asking.faults.append(f"a stranger over TLS: {stranger}")
            trusted = ask("a friend", SSL_CERT_FILE=str(folder / "cert.pem"))
            asking.expect("a friend over TLS", trusted, attempts=[200], text="safely")
            if (folder / "got").read_text() != f"/v1/chat/completions Bearer {KEY}\n":
                asking.faults.append("a friend over TLS was sent something else")
        finally:
            server.terminate()
            server.wait(timeout=20)


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    asking = Asking(Path(sys.argv[1]).resolve())
    command = llmock()
    serve = [command, "serve", "--host", "127.0.0.1", "--response-style", "echo"]
    with serving(serve, "/_llmock/scenario") as address:
        faults_that_clients_meet(asking, address)
        asking.faults.extend(verdict(command, address))
    only_whom_it_trusts(asking, command.with_name("python"))
    other = aimock()
    if other is None:
        print("LACKING: npm; nothing was asked of aimock")
    else:
        serve = [other, "-h", "127.0.0.1", "-f", HERE / "fixtures.json", "--strict"]
        before = asking.asked
        with serving(serve, "/health") as address:
            thoughts_and_broken_answers(asking, address)
        print(f"aimock: {asking.asked - before} questions")
    for fault in asking.faults:
        print(f"FAULT: {fault}")
    print(f"{asking.asked} questions, {len(asking.faults)} faults")
    return 1 if asking.faults else 0


if __name__ == "__main__":
    sys.exit(main())
