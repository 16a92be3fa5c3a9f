"""Many functions, many clients: errors, what is left behind, and the platform's own memory."""

import json
import random
import threading
import time

from comparing import summary
from processes import cgroups, descendants, descriptors, mounts, status_kb
from served import create, delete, invocation
from signed import Broken

FUNCTIONS, CLIENTS = 200, 64
MEMORY_LIMIT_KB = 100 * 1000
# So many functions are called by all again and again; the others come round seldom.
FAVOURITES = 8
SETTLED_WITHIN = 30
# Long enough for the last sandbox to be gone and the keeper's next guests to be ready.
QUIET = 2
# Says which function it is and gives back what it was given: an answer that went astray shows.
SOURCE = "def handler(event, context):\n    return [{number}, event]\n"


def crowd(served, calls, seed):
    """Calls by all clients at once: over all functions, mostly cold, and over a few, mostly warm."""
    with served.connect() as connection:
        # One call of a function that goes again: what is opened once is open.
        create(connection, "before", SOURCE.format(number=-1), 1024)
        _ask(connection, "before", -1, 0)
        delete(connection, "before")
        time.sleep(QUIET)
        before = _state(served)
        for number in range(FUNCTIONS):
            create(connection, f"crowd-{number}", SOURCE.format(number=number), 1024)
        watch = Watch(served)
        with watch:
            spread = _rush(served, calls, FUNCTIONS, seed)
            favoured = _rush(served, calls, FAVOURITES, seed + 1)
        idle = _waiting(served)
        for number in range(FUNCTIONS):
            delete(connection, f"crowd-{number}")
        after = _settled(served, before)
    peak = status_kb(served.pid, "VmHWM")
    return {
        "functions": FUNCTIONS, "clients": CLIENTS, "calls": calls, "spread": spread,
        "favoured": favoured, "before": before, "after": after, "left": after != before,
        "warm_at_the_end": idle, "most_guests": watch.guests,
        "peak_kb": peak, "keeper_peak_kb": status_kb(served.keeper, "VmHWM"),
        "answer": "reached" if peak < MEMORY_LIMIT_KB and after == before
                  and not spread["errors"] and not favoured["errors"] else "not reached",
    }


def _ask(connection, name, number, token):
    event = {"token": token}
    status, answer = connection.ask("POST", invocation(name), json.dumps(event).encode())
    if status != 200 or json.loads(bytes(answer)) != [number, event]:
        return f"{name}: {status} {bytes(answer)[:200].decode(errors='replace')}"
    return None


def _rush(served, calls, functions, seed):
    """All clients at once, each with its share of the calls."""
    errors, times = [], []
    start = threading.Barrier(CLIENTS)

    def client(number):
        draw = random.Random(seed * 1000 + number)
        try:
            with served.connect() as connection:
                start.wait()
                for at in range(calls // CLIENTS):
                    chosen = draw.randrange(functions)
                    began = time.perf_counter()
                    wrong = _ask(connection, f"crowd-{chosen}", chosen, f"{number}-{at}")
                    times.append(time.perf_counter() - began)
                    if wrong:
                        errors.append(wrong)
        except (OSError, Broken, threading.BrokenBarrierError) as error:
            errors.append(f"client {number}: {error!r}")

    clients = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    began = time.perf_counter()
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    taken = time.perf_counter() - began
    return {"seconds": taken, "calls": len(times), "errors": errors,
            "times": summary(times) if len(times) > 1 else None}


def _waiting(served):
    """How many sandboxes wait for work: between calls their Python is stopped."""
    return sum(1 for pid in descendants(served.keeper) if _letter(pid) == "T")


def _letter(pid):
    """The letter of a process's state; empty when it has gone."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def _state(served):
    """What could be left behind."""
    return {
        "processes": len(descendants(served.pid)),
        "mounts": mounts(served.pid) + mounts(served.keeper),
        "cgroups": cgroups(),
        "descriptors": descriptors(served.pid),
        "descriptors of the keeper": descriptors(served.keeper),
    }


def _settled(served, wanted):
    """The state when it is as wanted, or what it is still after a while."""
    limit = time.monotonic() + SETTLED_WITHIN
    while True:
        state = _state(served)
        if state == wanted or time.monotonic() > limit:
            return state
        time.sleep(0.2)


class Watch:
    """The most processes below the platform while the block lasts."""

    def __init__(self, served):
        self.served, self.guests = served, 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self):
        while not self._over.wait(0.5):
            self.guests = max(self.guests, len(descendants(self.served.keeper)))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()
