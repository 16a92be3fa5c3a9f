"""One function that does nothing: called warm beside the Runtime Interface Emulator, and cold beside
a bare Python in a chroot."""

import time

from comparing import compare
from processes import descendants, family_cpu_ns
from served import create, invocation, make_cold
from unconfined import INVOCATION, Chroot, Rie, python_of

NOTHING = "def handler(event, context):\n    return None\n"
NAME = "nothing"
WARM_GOAL, COLD_GOAL = 0.8, 1.2
WARM_UP = 200
# Longer than the platform lets a sandbox run on when its call is over.
REST = 0.05
# The keeper makes its next guests ready when nothing has happened for a while.
SETTLED = 0.3


def python(served, connection, cache):
    """Creates the function; gives the Python that it runs on."""
    create(connection, NAME, NOTHING)
    _call(connection)
    guest = next(pid for pid in descendants(served.pid) if _runs_python(pid))
    return python_of(guest, cache)


def _runs_python(pid):
    with open(f"/proc/{pid}/cmdline", "rb") as line:
        return b"bootstrap.py" in line.read()


def _call(connection, path=invocation(NAME)):
    start = time.perf_counter()
    status, answer = connection.ask("POST", path, b"{}")
    taken = time.perf_counter() - start
    if status != 200 or bytes(answer) != b"null":
        raise SystemExit(f"the call failed: {status} {bytes(answer).decode(errors='replace')}")
    return taken


def warm(served, connection, rie_program, python_folder, cache, rounds, shuffler):
    """Calls in turn; ours twice, to see how far two of the same are apart."""
    with Rie(rie_program, python_folder, NOTHING, cache) as rie, rie.connect() as theirs:
        calls = {"ours": lambda: _call(connection), "again": lambda: _call(connection),
                 "theirs": lambda: _call(theirs, INVOCATION)}
        times = {name: [] for name in calls}
        order = list(calls)
        for number in range(WARM_UP + rounds):
            if number == WARM_UP:
                before = family_cpu_ns(served.pid), family_cpu_ns(rie.process.pid)
            shuffler.shuffle(order)
            for name in order:
                taken = calls[name]()
                if number >= WARM_UP:
                    times[name].append(taken)
        after = family_cpu_ns(served.pid), family_cpu_ns(rie.process.pid)
        rested = _rested(calls, min(rounds, 200), shuffler)
    return {
        "compared": compare(times["ours"], times["theirs"], WARM_GOAL),
        "control": compare(times["again"], times["ours"]),
        "rested": rested,
        "cpu_ms": {"ours": (after[0] - before[0]) / 1e6 / (2 * rounds),
                   "theirs": (after[1] - before[1]) / 1e6 / rounds},
        "times": times,
    }


def _rested(calls, rounds, shuffler):
    """Calls with a rest before each: what was paused must be woken."""
    times = {"ours": [], "theirs": []}
    order = list(times)
    for _ in range(rounds):
        shuffler.shuffle(order)
        for name in order:
            time.sleep(REST)
            times[name].append(calls[name]())
    return compare(times["ours"], times["theirs"])


def cold(served, connection, python_folder, cache, rounds, shuffler):
    """First responses in turn."""
    times = {"ours": [], "theirs": []}
    cpu = {"ours": [], "theirs": []}
    with Chroot(python_folder, NOTHING, cache) as chroot:

        def ours():
            make_cold(connection, NAME, len(times["ours"]))
            time.sleep(SETTLED)
            known = family_cpu_ns(served.pid)
            taken = _call(connection)
            return taken, (family_cpu_ns(served.pid) - known) / 1e9

        def theirs():
            time.sleep(SETTLED)
            return chroot.first_response()

        sides = {"ours": ours, "theirs": theirs}
        order = list(sides)
        for number in range(rounds + 2):
            shuffler.shuffle(order)
            for name in order:
                taken, used = sides[name]()
                if number >= 2:  # Two are for warming up.
                    times[name].append(taken)
                    cpu[name].append(used)
    return {"compared": compare(times["ours"], times["theirs"], COLD_GOAL),
            "cpu": compare(cpu["ours"], cpu["theirs"]), "times": times, "cpu_times": cpu}
