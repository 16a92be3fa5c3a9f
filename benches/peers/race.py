"""Rounds in which everyone runs once, in an order drawn at random, and what comes of them."""

import hashlib
import random
import statistics
import tempfile
from pathlib import Path

from entrants import Refused

RESAMPLES = 2000
# Files are comparable if neither is more than a quarter larger.
COMPARABLE = 1.25


def race(course, entrants, judges, pictures, rounds, shuffler):
    """The whole of one course, as plain data."""
    source = pictures / course.picture
    runners = []
    for entrant, idiom in entrants.for_work(course.work):
        runner = {"entrant": entrant.name, "idiom": idiom, "times": [], "bytes": None,
                  "wrong": None, "findings": []}
        _try_once(runner, entrant, course, source, judges)
        runners.append((runner, entrant))
    running = [(runner, entrant) for runner, entrant in runners if runner["bytes"]]
    # The native one a second time: how far apart are two of the same?
    control = {**running[0][0], "entrant": "native again", "times": []}
    running.append((control, running[0][1]))
    for round_number in range(rounds + 1):
        shuffler.shuffle(running)
        for runner, entrant in running:
            taken, size = entrant.do(course.work, runner["idiom"], course.repeats, source)
            if size != runner["bytes"] and not runner["wrong"]:
                runner["wrong"] = f"{size} bytes once and {runner['bytes']} another time"
            if round_number:  # The first is for warming up.
                runner["times"].append(taken)
    for runner, entrant in running:
        _try_last(runner, entrant, course, source)
    everyone = [runner for runner, _ in runners] + [control]
    compare(everyone, course)
    return {"name": course.name, "work": course.work, "input": course.picture,
            "input_bytes": source.stat().st_size, "runners": everyone,
            "goals": [against_goal(goal, everyone) for goal in course.goals],
            "file": file_beside_peers(everyone) if course.work == "convert" else None}


def _try_once(runner, entrant, course, source, judges):
    """Does the work once and has the output judged."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        try:
            _, size = entrant.do(course.work, runner["idiom"], 1, source, output)
        except Refused as reason:
            runner["wrong"] = f"fails: {reason}"
            return
        runner["bytes"], runner["sha256"] = size, _digest(output)
        runner["wrong"], runner["findings"] = judges.judge(course, source, output)


def _try_last(runner, entrant, course, source):
    """What was timed must be what was judged: the last output is the first."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        entrant.do(course.work, runner["idiom"], 1, source, output)
        if _digest(output) != runner["sha256"] and not runner["wrong"]:
            runner["wrong"] = "its last output is not the one that was judged"


def _digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def is_peer(runner):
    """Whether it is one that the native function is measured against."""
    return not runner["entrant"].startswith("native") and runner["times"] and not runner["wrong"]


def _resampled(everyone, statistic):
    """95 % of what a statistic would have been had other rounds been run: they are drawn again."""
    rounds = len(everyone[0]["times"])
    draw = random.Random(1)
    values = []
    for _ in range(RESAMPLES):
        chosen = [draw.randrange(rounds) for _ in range(rounds)]
        values.append(statistic(lambda runner: statistics.median(
            [runner["times"][index] for index in chosen])))
    values.sort()
    return [values[int(RESAMPLES * 0.025)], values[int(RESAMPLES * 0.975) - 1]]


def compare(everyone, course):
    """Median, quartiles and how many times faster the native function is than each."""
    native = everyone[0]
    for runner in everyone:
        if not runner["times"]:
            continue
        low, median, high = statistics.quantiles(runner["times"], n=4, method="inclusive")
        runner["median"], runner["quartiles"] = median, [low, high]
        if runner is native:
            continue
        runner["ratio"] = median / native["median"]
        runner["interval"] = _resampled(
            [native], lambda middle, runner=runner: middle(runner) / middle(native))


def against_goal(goal, everyone):
    """Whether a goal is reached: beyond doubt, not, or undecided."""
    native = everyone[0]
    peers = [runner for runner in everyone if is_peer(runner)]
    if goal.against:
        peers = [runner for runner in peers if (runner["entrant"], runner["idiom"]) == goal.against]
    words = " ".join(goal.against) if goal.against else "fastest peer"
    told = {"times": goal.times, "against": words}
    if not peers:
        return {**told, "answer": "no such peer"}
    # Which of them is the fastest is drawn again too.
    fastest = min(peers, key=lambda runner: runner["median"])
    low, high = _resampled(
        [native], lambda middle: min(middle(runner) for runner in peers) / middle(native))
    answer = "reached" if low >= goal.times else "not reached" if high < goal.times else "undecided"
    if native["wrong"]:
        answer = "not reached: its own output is wrong"
    return {**told, "peer": f"{fastest['entrant']} {fastest['idiom']}",
            "ratio": fastest["median"] / native["median"], "interval": [low, high],
            "answer": answer}


def file_beside_peers(everyone):
    """The native file beside the fastest peer's of comparable size."""
    native = everyone[0]
    comparable = [runner for runner in everyone if is_peer(runner)
                  and 1 / COMPARABLE <= runner["bytes"] / native["bytes"] <= COMPARABLE]
    if not comparable:
        return {"answer": "no peer's file is of comparable size"}
    fastest = min(comparable, key=lambda runner: runner["median"])
    larger = native["bytes"] / fastest["bytes"]
    return {"peer": f"{fastest['entrant']} {fastest['idiom']}", "larger": larger,
            "answer": "reached" if larger <= 1.02 else "not reached"}
