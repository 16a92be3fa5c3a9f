"""Who races: each a process of its own that is asked for one thing at a time."""

import json
import os
import subprocess

from setting import CONTESTANTS, Lacking

# One thread each; what a library starts beside it is counted all the same, as CPU time.
ALONE = {
    "VIPS_CONCURRENCY": "1",
    "UV_THREADPOOL_SIZE": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Refused(Exception):
    """An entrant says that it cannot do a work."""


class Entrant:
    """A process that does works when it is asked to."""

    def __init__(self, name, command, environment):
        self.name = name
        self._process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **ALONE, **environment},
        )
        greeting = self._process.stdout.readline()
        if not greeting:
            words = self._process.communicate()[1].strip().splitlines() or ["it said nothing"]
            raise Lacking(f"{name}: {words[-1]}")
        said = json.loads(greeting)
        self.version, self.works = said["version"], said["works"]

    def do(self, work, idiom, repeats, source, target=""):
        """CPU nanoseconds of doing it once, and the size of what came of it."""
        request = "\t".join((work, idiom, str(repeats), str(source), str(target)))
        self._process.stdin.write(request + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline().rstrip("\n")
        if not answer or answer.startswith("!"):
            raise Refused(answer.removeprefix("! ") or "it has ended")
        taken, size = answer.split("\t")
        return int(taken), int(size)

    def end(self):
        """Lets the process end by itself."""
        self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._process.stderr.close()


class Entrants:
    """The native functions and every peer that can be had."""

    def __init__(self, setting, peers, native, also):
        self.lacking = {}
        self._all = [Entrant("native", [(native or setting.native()).resolve()], {})]
        self._all += [Entrant(f"native {build.name}", [build.resolve()], {}) for build in also]
        for peer in peers:
            try:
                self._all.append(Entrant(peer, *self._command(setting, peer)))
            except Lacking as lacking:
                self.lacking[peer] = str(lacking)

    @staticmethod
    def _command(setting, peer):
        if peer == "sharp":
            environment = {"PEERS_NODE_FOLDER": str(setting.node())}
            return ["node", CONTESTANTS / "with_sharp.mjs"], environment
        return [setting.python(), CONTESTANTS / f"with_{peer}.py"], {}

    @property
    def versions(self):
        return {entrant.name: entrant.version for entrant in self._all}

    def for_work(self, work):
        """Pairs of an entrant and an idiom, the native one first."""
        return [
            (entrant, idiom) for entrant in self._all for idiom in entrant.works.get(work, ())
        ]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for entrant in self._all:
            entrant.end()
