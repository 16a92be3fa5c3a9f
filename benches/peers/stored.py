"""Objects in and out, beside the same bytes through a bare hyper server."""

import hashlib
import os
import subprocess
import tempfile
import time

from comparing import compare
from processes import cpu_ns
from signed import UNSIGNED, Connection

GOAL = 1.5
SIZES = {"1 MB": 1_000_000, "20 MB": 20_000_000}
WARM_UP = 5
BUCKET = "bench"


class Bare:
    """The bare server (an example of crates/emulator) for as long as the block lasts."""

    def __init__(self, program, cache, *options):
        self.program, self.options = program, options
        self.folder = tempfile.TemporaryDirectory(dir=cache)

    def __enter__(self):
        self.process = subprocess.Popen([str(self.program), self.folder.name, *self.options],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.url = self.process.stdout.readline().decode().strip()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.folder.cleanup()


def objects(served, bare, durable, rounds, shuffler):
    """PUT and GET of each size; GET only once, where nothing is brought to the disk."""
    room = max(SIZES.values()) + (1 << 16)
    with served.connect("s3", room) as ours, Connection(bare.url, room=room) as theirs:
        status, answer = ours.ask("PUT", f"/{BUCKET}")
        if status != 200:
            raise SystemExit(f"no bucket: {status} {bytes(answer)!r}")
        raced = []
        for name, size in SIZES.items():
            body = os.urandom(size)
            work = Work(ours, theirs, name, body)
            puts = ["PUT"] if durable else ["PUT", "PUT unsigned"]
            for what in puts if durable else [*puts, "GET"]:
                raced.append(_race(served, bare, what, work, rounds, shuffler))
        return raced


class Work:
    """One object, and how it is put and got."""

    def __init__(self, ours, theirs, name, body):
        self.ours, self.theirs, self.name, self.body = ours, theirs, name, body
        self.digest = hashlib.sha256(body).hexdigest()
        self.key = name.replace(" ", "-")

    def put(self, ours, signed):
        connection, path, digest = self._side(ours, self.digest if signed else UNSIGNED)
        start = time.perf_counter()
        status, answer = connection.ask("PUT", path, self.body, body_hash=digest)
        return time.perf_counter() - start, self._check(status, answer)

    def get(self, ours):
        connection, path, digest = self._side(ours, hashlib.sha256(b"").hexdigest())
        start = time.perf_counter()
        status, answer = connection.ask("GET", path, body_hash=digest)
        taken = time.perf_counter() - start
        self._check(status, answer)
        if answer != self.body:
            raise SystemExit("an object came back altered")
        return taken, None

    def _side(self, ours, digest):
        if ours:
            return self.ours, f"/{BUCKET}/{self.key}", digest
        return self.theirs, f"/{self.key}", None

    @staticmethod
    def _check(status, answer):
        if status != 200:
            raise SystemExit(f"{status} {bytes(answer)[:300]!r}")


def _race(served, bare, what, work, rounds, shuffler):
    def do(ours):
        if what == "GET":
            return work.get(ours)[0]
        return work.put(ours, signed=what == "PUT")[0]

    sides = {"ours": lambda: do(True), "theirs": lambda: do(False)}
    processes = {"ours": served.pid, "theirs": bare.process.pid}
    times, cpu = {"ours": [], "theirs": []}, {"ours": [], "theirs": []}
    order = list(sides)
    for number in range(WARM_UP + rounds):
        shuffler.shuffle(order)
        for name in order:
            before = cpu_ns(processes[name])
            taken = sides[name]()
            used = cpu_ns(processes[name]) - before
            if number >= WARM_UP:
                times[name].append(taken)
                cpu[name].append(used / 1e9)
    goal = None if what == "PUT unsigned" else GOAL
    return {"what": what, "size": work.name, "compared": compare(times["ours"], times["theirs"], goal),
            "cpu": compare(cpu["ours"], cpu["theirs"]), "times": times}


def floors():
    """What no server of S3 can leave out: each object's MD5, each signed body's SHA-256."""
    body = os.urandom(SIZES["20 MB"])
    made = {}
    for name in ("md5", "sha256"):
        times = []
        for _ in range(15):
            start = time.process_time()
            hashlib.new(name, body)
            times.append(time.process_time() - start)
        made[name] = sorted(times)[len(times) // 2]
    return made
