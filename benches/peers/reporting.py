"""The words and tables of the race."""

import statistics

from courses import WORKS


def heading(machine, rounds):
    loads = ", ".join(str(load) for load in machine["load"])
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}",
        f"{rounds} rounds after one to warm up; load average at the start {loads}",
    ]
    if machine["load"][0] > 0.5:
        lines.append("other programs are running: the figures are less certain than they could be")
    return "\n".join(lines)


def field(entrants):
    """Who races, and who cannot."""
    lines = list(entrants.versions.values())
    lines += [f"LACKING {reason}" for reason in entrants.lacking.values()]
    return "\n".join(lines)


def _milliseconds(nanoseconds):
    value = nanoseconds / 1e6
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def _bytes(size):
    return f"{size / 1e6:.2f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"


def table(raced):
    """Everyone by speed; those whose output is wrong last, with the reason."""
    title = f"\n{raced['name']}: {WORKS[raced['work']]} (input {_bytes(raced['input_bytes'])})"
    lines = [title, f"  {'':<38} {'CPU ms':>8} {'quartiles':>17} {'native is':>10} "
                    f"{'95 %':>15}  file"]
    order = sorted(raced["runners"], key=lambda one: (bool(one["wrong"]), one.get("median", 0)))
    for runner in order:
        name = f"{runner['entrant']}: {runner['idiom']}"
        if runner["entrant"].startswith("native"):
            name = runner["entrant"]
        if "median" not in runner:
            lines.append(f"  {name:<38} {runner['wrong']}")
            continue
        low, high = map(_milliseconds, runner["quartiles"])
        ratio, interval = "", ""
        if "ratio" in runner:
            ratio = f"{runner['ratio']:.2f} x"
            interval = f"[{runner['interval'][0]:.2f}, {runner['interval'][1]:.2f}]"
        lines.append(f"  {name:<38} {_milliseconds(runner['median']):>8} "
                     f"{low + ' to ' + high:>17} {ratio:>10} {interval:>15}  "
                     f"{_bytes(runner['bytes'])}")
        if runner["wrong"]:
            lines.append(f"      wrong output: {runner['wrong']}")
    if raced["file"]:
        lines.append("  " + _file(raced["file"]))
    return "\n".join(lines)


def _file(file):
    if "larger" not in file:
        return f"file size: {file['answer']}"
    return (f"file size: {(file['larger'] - 1) * 100:+.1f} % beside {file['peer']}, the fastest of "
            f"comparable size; at most +2 % is the goal: {file['answer']}")


def goals(courses):
    """Each goal, and whether the whole interval is beyond it."""
    lines = ["\ngoals (reached only if the whole interval is beyond it)"]
    for raced in courses:
        for goal in raced["goals"]:
            name = f"{raced['name']}: {goal['times']} x {goal['against']}"
            if "ratio" not in goal:
                lines.append(f"  {name:<58} {goal['answer']}")
                continue
            low, high = goal["interval"]
            lines.append(f"  {name:<58} {goal['ratio']:.2f} [{low:.2f}, {high:.2f}]  "
                         f"{goal['answer']} ({goal['peer']})")
    return "\n".join(lines)


def floors(measured):
    """What cannot be left out, whoever does it."""
    lines = ["\nfloors: parts of the native work on the photograph of 12 MP (n = 15)",
             f"  {'':<44} {'CPU ms':>8} {'quartiles':>17}"]
    for part in measured:
        low, high = map(_milliseconds, part["quartiles"])
        lines.append(f"  {part['part']:<44} {_milliseconds(part['median']):>8} "
                     f"{low + ' to ' + high:>17}")
    return "\n".join(lines)


def folder(made):
    """`process` with one job and with two."""
    if "lacking" in made:
        return f"\nLACKING {made['lacking']}"
    lines = [f"\nprocess on {made['pictures']} photographs of 12 MP, {made['cores']} cores"]
    for jobs, runs in made["runs"].items():
        walls = [run["wall"] for run in runs]
        cpu = statistics.median(run["cpu"] for run in runs)
        peak = max(run["peak_bytes"] for run in runs)
        share = peak / int(jobs) / made["decoded_bytes"]
        lines.append(
            f"  {jobs} {'job ' if jobs == '1' else 'jobs'}  {statistics.median(walls):7.2f} s "
            f"({min(walls):.2f} to {max(walls):.2f}, n = {len(walls)})  CPU {cpu:.2f} s  peak "
            f"{_bytes(peak)}: {share:.2f} decoded pictures a worker, fewer than 3 is the goal: "
            f"{'reached' if share < 3 else 'not reached'}")
    low, high = made["interval"]
    answer = "reached" if low >= 1.8 else "not reached" if high < 1.8 else "undecided"
    lines.append(f"  two jobs are {made['ratio']:.2f} x as fast [{low:.2f}, {high:.2f}]; "
                 f"1.8 is the goal: {answer}")
    return "\n".join(lines)
