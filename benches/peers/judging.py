"""Whether an output is right, by the contract's own judge."""

import hashlib
import json
import subprocess
import tempfile
from pathlib import Path

from setting import HERE, REPOSITORY

CONTRACT = REPOSITORY / "crates/assets/applications/image-pipeline/contract.toml"
# A picture that was made of 256 levels is accepted with a finding, but less work was done for it.
LESS_WORK = "levels, no more than 8 bits hold"


def _digest(*files):
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:24]


class Judges:
    """The judge, asked for one output at a time."""

    def __init__(self, setting, judge=None):
        self._python = setting.python()
        program = Path(judge or setting.judge())
        # What the same judge said of the same bytes is not asked again.
        self._known = setting.cache / "judgements" / _digest(program, CONTRACT)
        self._known.mkdir(parents=True, exist_ok=True)
        self._judge = subprocess.Popen(
            [str(program), str(CONTRACT)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _ask(self, *request):
        self._judge.stdin.write("\t".join(map(str, request)) + "\n")
        self._judge.stdin.flush()
        return json.loads(self._judge.stdout.readline())

    def judge(self, course, source, output):
        """What is wrong with it, or none; and what is worth knowing."""
        known = self._known / f"{course.work}-{_digest(source, output)}.json"
        if not known.exists():
            if course.work in ("five", "in turn"):
                said = self._chain(source, output)
            else:
                said = self._said(self._ask("judge", course.work, source, output), course.work)
            known.write_text(json.dumps(said))
        return json.loads(known.read_text())

    def _chain(self, source, output):
        """The end of a chain, turned back, must be as near the resized picture as `resize` asks."""
        with tempfile.TemporaryDirectory() as folder:
            grey, back = Path(folder) / "grey.jpg", Path(folder) / "back.png"
            made = self._ask("make", "greyscale", source, grey)
            if "error" in made:
                return made["error"], []
            command = [str(self._python), str(HERE / "turning_back.py"), str(output), str(back)]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                return done.stderr.strip().splitlines()[-1], []
            wrong, findings = self._said(self._ask("judge", "resize", grey, back), "five")
            return wrong, findings

    @staticmethod
    def _said(answer, work):
        if "error" in answer:
            return answer["error"], []
        wrong = None if answer["accepted"] else answer["reason"] or "rejected"
        if work == "resize" and not wrong:
            wrong = next((found for found in answer["findings"] if LESS_WORK in found), None)
        return wrong, answer["findings"] if work != "five" else []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._judge.stdin.close()
        self._judge.wait(timeout=60)
        self._judge.stdout.close()
