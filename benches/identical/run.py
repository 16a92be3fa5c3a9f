#!/usr/bin/env python3
"""Twenty real studies of one variant that is entered twice: how often is it told apart from itself?

    cargo build && benches/identical/run.py target/debug/photofinish

Before the first study is run, the verdict that counts is named: the pipeline's, chained, one in
each study. At a level of 5 % one false verdict in twenty is expected; more than two would be a
reason to mistrust the rule (of twenty fair studies, 7.5 % have three or more). All the other
verdicts are counted beside it. Takes about a minute a study; needs Python 3.11 or newer.
"""

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path

STUDY = """
application = "image-pipeline"
passes = {rounds}
rounds = {rounds}
stages = 0
flow = ["chained"]
images = ["rocket"]
seed = {seed}

[[variant]]
name = "left"
source = "pillow"

[[variant]]
name = "right"
source = "pillow"

[[target]]
platform = "local"
"""
NAMED = {"family": "pipeline", "metric": "duration", "flow": "chained", "function": "pipeline"}
MOST_FALSE = 2


def study(photofinish, folder, seed, rounds):
    """Runs one study and gives its verdicts."""
    (folder / "study.toml").write_text(STUDY.format(seed=seed, rounds=rounds))
    command = [str(photofinish), "run", "study.toml"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    with open(folder / "results/study/report/data/verdicts.csv", newline="") as file:
        return list(csv.DictReader(file))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photofinish", type=lambda path: Path(path).resolve())
    parser.add_argument("--studies", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=8, help="8 is the fewest that decide")
    parser.add_argument("--first-seed", type=int, default=1)
    given = parser.parse_args()

    false, others, all_others = 0, 0, 0
    print(f"{'seed':>4}  {'ratio':>6}  {'95 % interval':^16}  {'p':>6}  verdict", flush=True)
    for seed in range(given.first_seed, given.first_seed + given.studies):
        with tempfile.TemporaryDirectory() as folder:
            verdicts = study(given.photofinish, Path(folder), seed, given.rounds)
        named = [row for row in verdicts if all(row[key] == NAMED[key] for key in NAMED)]
        assert len(named) == 1, named
        row = named[0]
        false += row["verdict"] != "undecided"
        rest = [other for other in verdicts if other is not row]
        others += sum(other["verdict"] != "undecided" for other in rest)
        all_others += len(rest)
        ratio, low, high, p = (float(row[key]) for key in ("ratio", "ci_low", "ci_high", "p"))
        interval = f"[{low:.3f}, {high:.3f}]"
        print(f"{seed:>4}  {ratio:6.3f}  {interval:^16}  {p:6.3f}  {row['verdict']}", flush=True)
    print(f"{false} of {given.studies} named verdicts tell identical code apart")
    print(f"{others} of {all_others} verdicts of other families do (cost, of the same times)")
    sys.exit(false > MOST_FALSE)


if __name__ == "__main__":
    main()
