"""Recomputes every figure of summary.csv, cost.csv and verdicts.csv, independently.

Where state machines were raced beside the client, those of orchestration.csv, too.

Where the study asked models, the figures of scores.csv from generations.csv, too: see scores.py.

    python recompute.py STUDY_DIRECTORY --prices PRICE_BOOK [--self-test]

It reads invocations.csv, study.lock.toml and the price book, and nothing else, works everything
out again from the formulas that the documentation of `photofinish-analyse` states, with NumPy and
SciPy, and compares. Exit code 1, with the file, the row and the column, where a figure is off by
more than a billionth, where a word differs, or where a row is missing or too many.

Not recomputed, since they are no figures: the wording of `reason` (numbers in it are checked), and
which function was rejected, which verification.csv tells. A row that says `rejected` is believed
only if one of its sides did not race.

With --self-test it then alters every figure column in one row at a time by a millionth, and fails
unless it notices each.
"""

import argparse
import re
import sys
from pathlib import Path

import alter
import orchestration
import prices as cost
import scores
import summary
import verdicts
from measured import Plan, number, read_passes, read_rows

CLOSE = 1e-9
# What rounding leaves where numbers of this size are subtracted from each other.
NOISE = 1e-13


class Comparison:
    """What was compared, and where it differed."""

    def __init__(self):
        self.figures, self.rows, self.faults = 0, 0, []

    def fault(self, file, key, message):
        self.faults.append(f"{file}: {' '.join(part or '-' for part in key)}: {message}")

    def figure(self, file, key, column, found, expected, scale):
        self.figures += 1
        try:
            there = number(found)
        except ValueError:
            self.fault(file, key, f"{column} is `{found}`, which is no number")
            return
        if there is None or expected is None:
            if there is not expected:
                self.fault(file, key, f"{column} is `{found}`, recomputed {expected}")
        elif not abs(there - expected) <= CLOSE * abs(expected) + NOISE * scale:
            self.fault(file, key, f"{column} is {found}, recomputed {expected!r}")

    def word(self, file, key, column, found, expected):
        if found != expected:
            self.fault(file, key, f"{column} is `{found}`, recomputed `{expected}`")

    def table(self, folder, file, module, expected, check, wanted=lambda row: True):
        """Compares one file's wanted rows, found by their key, in any order."""
        seen = set()
        for row in filter(wanted, read_rows(folder / file)):
            key = tuple(row[column] for column in module.KEY)
            if key in seen:
                self.fault(file, key, "stands twice")
            elif key not in expected:
                self.fault(file, key, "is a row too many")
            else:
                self.rows += 1
                check(self, file, key, row, expected[key])
            seen.add(key)
        for key in expected.keys() - seen:
            self.fault(file, key, "is missing")


class Study:
    """What one study directory's figures must be."""

    def __init__(self, directory, price_book):
        self.plan = Plan.read(directory / "study.lock.toml")
        calls = directory / "report/data/invocations.csv"
        self.passes = read_passes(calls)
        self.plan.leave_out_emulated(self.passes)
        prices = cost.Prices(price_book, self.plan)
        needed = cost.needs(self.passes, self.plan)
        self.summary = summary.recompute(self.passes, self.plan)
        self.cost = (
            cost.recompute(needed, prices, self.plan) if "chained" in self.plan.flows else {}
        )
        machines = []
        if calls.with_name("passes.csv").exists():
            machines = read_passes(calls, "step-functions")
        self.orchestrations = orchestration.recompute(
            self.passes, machines, self.plan, needed, prices
        )
        orchestration.into_cost(self.orchestrations, self.cost)
        self.verdicts = verdicts.recompute(self.passes, self.plan, needed, prices)
        answers = directory / "report/data/generations.csv"
        self.scores = None
        if answers.exists():
            self.scores = scores.recompute(read_rows(answers), self.plan.functions)

    def compare(self, folder):
        """Holds the tables in a folder against what they must be."""
        comparison = Comparison()
        comparison.table(folder, "summary.csv", summary, self.summary, check_summary)
        comparison.table(folder, "cost.csv", cost, self.cost, check_cost)
        comparison.table(folder, "verdicts.csv", verdicts, self.verdicts, self.check_verdict)
        if self.orchestrations:
            expected, check = self.orchestrations, orchestration.check
            comparison.table(folder, "orchestration.csv", orchestration, expected, check)
        if self.scores is not None:
            wanted = scores.is_recomputed
            comparison.table(folder, "scores.csv", scores, self.scores, scores.check, wanted)
        return comparison

    def check_verdict(self, comparison, file, key, row, expected):
        if row["verdict"] == "rejected":
            if not verdicts.may_be_rejected(key, self.passes, self.plan):
                comparison.fault(file, key, "says rejected, yet both sides raced")
            expected = {**dict.fromkeys(verdicts.FIGURES), "rounds": 0, "n_left": 0, "n_right": 0}
        else:
            comparison.word(file, key, "verdict", row["verdict"], expected["verdict"])
            self.check_reason(comparison, file, key, row["reason"], expected)
        for column in verdicts.FIGURES:
            scale = 1 if column.startswith("ci_") else 0
            comparison.figure(file, key, column, row[column], expected[column], scale)

    def check_reason(self, comparison, file, key, reason, expected):
        """The numbers within a sentence."""
        family = [of for of in self.verdicts if of[0] == key[0]]
        tested = sum(self.verdicts[of]["p"] is not None for of in family)
        numbers = [(r"too few rounds: (\d+) ", expected["rounds"]), (r"over (\d+) comp", tested)]
        for pattern, value in numbers:
            for found in re.findall(pattern, reason):
                comparison.word(file, key, "reason", found, str(value))


def check_summary(comparison, file, key, row, expected):
    for column in summary.FIGURES:
        scale = 1 if column.startswith("cv") else abs(expected["mean"])
        comparison.figure(file, key, column, row[column], expected[column], scale)


def check_cost(comparison, file, key, row, expected):
    for column in cost.FIGURES:
        scale = expected["total_usd"]
        comparison.figure(file, key, column, row[column], expected[column], scale)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("directory", type=Path)
    arguments.add_argument("--prices", type=Path, required=True)
    arguments.add_argument("--self-test", action="store_true")
    arguments.add_argument("--seed", type=int, default=562)
    given = arguments.parse_args()

    study = Study(given.directory, given.prices)
    tables = given.directory / "report/data"
    comparison = study.compare(tables)
    for fault in comparison.faults:
        print(fault, file=sys.stderr)
    print(
        f"recomputed {comparison.figures} figures in {comparison.rows} rows of "
        f"{given.directory}: {len(comparison.faults)} differ"
    )
    if comparison.faults:
        return 1
    if given.self_test:
        return alter.self_test(study, tables, given.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
