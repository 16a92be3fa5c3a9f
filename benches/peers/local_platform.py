#!/usr/bin/env python3
"""Races the local platform against AWS's Runtime Interface Emulator, a bare chroot and a bare server.

    python3 benches/peers/local_platform.py [--part NAME] [--rounds N] [--json FILE]

Needs Linux, Python 3.11 or newer, root (for the chroot alone) and a Rust toolchain; sets up
everything else in the user's cache. How it measures: docs/platform-speed.md.
"""

import argparse
import json
import os
import random
import sys
import time
from pathlib import Path

import calls
import stored
from crowd import crowd
from imaging import machine
from served import Served
from setting import Lacking, Setting
from telling import calls_told, crowd_told, heading, objects_told

PARTS = ("warm", "cold", "crowd", "objects")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", action="append", choices=PARTS,
                        help=f"only this: {', '.join(PARTS)}; may be repeated")
    parser.add_argument("--rounds", type=int, default=1000, help="of warm calls")
    parser.add_argument("--cold-rounds", type=int, default=200)
    parser.add_argument("--object-rounds", type=int, default=200)
    parser.add_argument("--calls", type=int, default=1280, help="of the crowd, in each of two turns")
    parser.add_argument("--photofinish", type=Path, metavar="FILE",
                        help="a built photofinish, instead of building one")
    parser.add_argument("--bare", type=Path, metavar="FILE",
                        help="a built bare server (an example of crates/emulator), likewise")
    parser.add_argument("--json", type=Path, metavar="FILE", help="every single time, as JSON")
    parser.add_argument("--seed", type=int, default=6, help="of the order within the rounds")
    return parser.parse_args()


def main():
    given = arguments()
    parts = given.part or PARTS
    setting = Setting()
    shuffler = random.Random(given.seed)
    results = {"machine": machine(), "seed": given.seed, "lacking": [],
               "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    program = given.photofinish or setting.photofinish()
    print(heading(results["machine"]), flush=True)

    def part(name, do, tell):
        """One part after the other; what cannot be had keeps no other away."""
        try:
            results[name] = do()
            print(tell(results[name]), flush=True)
        except Lacking as lacking:
            results["lacking"].append(f"{name}: {lacking}")
            print(f"\nLACKING {name}: {lacking}", flush=True)

    with Served(program, setting.cache) as served:
        results["tier"] = served.tier
        print(served.tier, flush=True)
        if {"warm", "cold"} & set(parts):
            with served.connect() as connection:
                python = calls.python(served, connection, setting.cache)
                if "warm" in parts:
                    part("warm", lambda: calls.warm(
                        served, connection, setting.rie(), python, setting.cache,
                        given.rounds, shuffler), calls_told)
                if "cold" in parts:
                    part("cold", lambda: calls.cold(
                        served, connection, python, setting.cache, given.cold_rounds, shuffler),
                        calls_told)
    if "crowd" in parts:
        with Served(program, setting.cache) as served:
            part("crowd", lambda: crowd(served, given.calls, given.seed), crowd_told)
        results["crowd"] |= {"exit_code": served.code, "left_at_the_end": served.left}
        print(f"  ended with {served.code}, processes left: {len(served.left)}", flush=True)
    if "objects" in parts:
        bare = given.bare or setting.bare()
        for name, options, bares in (("not brought to the disk", (), ()),
                                     ("brought to the disk", ("--data", "data"), ("--sync",))):
            with (Served(program, setting.cache, *options) as served,
                  stored.Bare(bare, setting.cache, *bares) as server):
                part(f"objects {name}", lambda: stored.objects(
                    served, server, bool(options), given.object_rounds, shuffler),
                    lambda raced, name=name: objects_told(name, raced))
        results["floors"] = stored.floors()
        print("  floors, CPU ms for 20 MB by Python's OpenSSL: " + ", ".join(
            f"{name} {1000 * taken:.1f}" for name, taken in results["floors"].items()))
    results["load_after"] = [round(load, 2) for load in os.getloadavg()]
    if given.json:
        given.json.write_text(json.dumps(results, indent=1) + "\n")
    return 3 if results["lacking"] else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Lacking as lacking:
        print(f"LACKING {lacking}", file=sys.stderr)
        sys.exit(3)
