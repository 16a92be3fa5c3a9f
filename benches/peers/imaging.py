#!/usr/bin/env python3
"""Races the native image functions against Pillow, OpenCV, pyvips and sharp.

    python3 benches/peers/imaging.py [--quick] [--work NAME] [--peer NAME] [--json FILE]

Needs Python 3.11 or newer and a Rust toolchain, and npm for sharp; sets up everything else in the
user's cache. What cannot be had is named. How it measures: docs/speed.md.
"""

import argparse
import json
import os
import platform
import random
import sys
import time
from pathlib import Path

import floors
import folder
import reporting
from courses import COURSES, WORKS
from entrants import Entrants
from judging import Judges
from race import race
from setting import Lacking, Setting


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="5 rounds, one kind of photograph")
    parser.add_argument("--rounds", type=int, help="so many instead of 20")
    parser.add_argument("--work", action="append", metavar="NAME",
                        choices=(*WORKS, "floors", "process"),
                        help=f"only this: {', '.join(WORKS)}, floors or process; may be repeated")
    parser.add_argument("--peer", action="append", metavar="NAME",
                        choices=("pillow", "opencv", "pyvips", "sharp"),
                        help="only this one: pillow, opencv, pyvips or sharp; may be repeated")
    parser.add_argument("--size", choices=("2 MP", "12 MP"), help="photographs of this size only")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every single time, as JSON")
    parser.add_argument("--photofinish", type=Path, metavar="FILE",
                        help="a built photofinish for `process`, instead of building one")
    parser.add_argument("--judge", type=Path, metavar="FILE",
                        help="a built judge (an example of crates/verify), likewise")
    parser.add_argument("--native", type=Path, metavar="FILE",
                        help="a built native contestant, likewise")
    parser.add_argument("--also", type=Path, action="append", default=[], metavar="FILE",
                        help="another build of the native contestant, raced beside this one")
    parser.add_argument("--seed", type=int, default=5, help="of the order within the rounds")
    return parser.parse_args()


def machine():
    """What the figures depend on."""
    model = "unknown processor"
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        model = platform.processor() or model
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "load": [round(load, 2) for load in os.getloadavg()],
    }


def main():
    given = arguments()
    wanted = given.work or [*WORKS, "floors", "process"]
    rounds = given.rounds or (5 if given.quick else 20)
    setting = Setting()
    results = {"machine": machine(), "rounds": rounds, "seed": given.seed,
               "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "courses": []}
    print(reporting.heading(results["machine"], rounds), flush=True)

    courses = [course for course in COURSES if course.work in wanted
               and (given.size is None or course.size in (given.size, None))
               and not (given.quick and course.kind == "generated")]
    if courses:
        peers = given.peer or ["pillow", "opencv", "pyvips", "sharp"]
        with (Entrants(setting, peers, given.native, given.also) as entrants,
              Judges(setting, given.judge) as judges):
            results["versions"], results["lacking"] = entrants.versions, entrants.lacking
            print(reporting.field(entrants), flush=True)
            shuffler = random.Random(given.seed)
            for course in courses:
                raced = race(course, entrants, judges, setting.pictures(), rounds, shuffler)
                results["courses"].append(raced)
                print(reporting.table(raced), flush=True)
        print(reporting.goals(results["courses"]), flush=True)
    if "floors" in wanted:
        results["floors"] = floors.measure(setting, given.native)
        print(reporting.floors(results["floors"]), flush=True)
    if "process" in wanted:
        results["process"] = folder.process(setting, given.photofinish, given.quick)
        print(reporting.folder(results["process"]), flush=True)
    results["load_after"] = [round(load, 2) for load in os.getloadavg()]
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")
    missing = bool(results.get("lacking"))
    if missing:
        print("the race was not complete: " + "; ".join(results["lacking"].values()))
    return 3 if missing else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Lacking as lacking:
        print(f"LACKING {lacking}", file=sys.stderr)
        sys.exit(3)
