"""scores.csv, from the answers in generations.csv alone.

    python scores.py FOLDER FUNCTION...

compares the two files in the folder; recompute.py does the same where a study has them. pass@k and
pass^k are counted over every choice of k answers. Not recomputed are the rows of eff@k: they rest
on the race.
"""

import math
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path

import numpy as np
from scipy import stats

from measured import number, read_rows

KEY = "variant repair function basis measure k".split()
FIGURES = "n right value ci_low ci_high".split()
DRAWS = (1, 3, 5)
EFFORT = ("input_tokens", "output_tokens", "reasoning_tokens", "seconds")


class Unit:
    """One sample's answers for some functions, as they stand after so many rounds of repairs."""

    def __init__(self, answers, functions, repair):
        self.answers, self.right, self.has_code = [], [], True
        for function in functions:
            rounds = [a for a in answers if a["function"] == function and repair_of(a) <= repair]
            rounds.sort(key=repair_of)
            self.answers += rounds
            latest = rounds[-1] if rounds else {"ending": "", "verdict": "not verified"}
            self.has_code &= latest["ending"] == "complete"
            self.right.append(is_right(latest))

    @property
    def is_known(self):
        return None not in self.right

    @property
    def is_right(self):
        return all(self.right)

    def total(self, column):
        """None if any answer lacks the figure."""
        figures = [number(answer[column]) for answer in self.answers]
        return None if None in figures else sum(figures)


def repair_of(answer):
    number_and_round = answer["sample"].split("+r")
    return int(number_and_round[1]) if len(number_and_round) == 2 else 0


def is_right(answer):
    if answer["ending"] not in ("complete", ""):
        return False
    return {"accepted": True, "rejected": False}.get(answer["verdict"])


def chances(units, draws):
    """(measure, k) → figures of how likely k answers are right."""
    right, n = [unit.is_right for unit in units], len(units)
    found = {}
    if not n:
        return found
    ends = stats.binomtest(sum(right), n).proportion_ci(0.95, method="exact")
    for k in (k for k in draws if k <= n):
        choices = list(combinations(right, k))
        for measure, judge, carry in (
            ("pass@k", any, lambda p, k=k: 1 - (1 - p) ** k),
            ("pass^k", all, lambda p, k=k: p**k),
        ):
            value = sum(map(judge, choices)) / len(choices)
            low, high = min(carry(ends.low), value), max(carry(ends.high), value)
            found[measure, str(k)] = figures(n, sum(right), value, low, high)
    return found


def figures(n, right, value, low=None, high=None):
    return dict(zip(FIGURES, (n, right, value, low, high)))


def money(units):
    """What all cost, and what a right one does."""
    costs = [unit.total("cost_usd") for unit in units]
    if not units or None in costs:
        return {}
    spent, right, n = math.fsum(costs), sum(unit.is_right for unit in units), len(units)
    found = {("spent_usd", ""): figures(n, right, spent)}
    if right:
        ends = stats.binomtest(right, n).proportion_ci(0.95, method="exact")
        each = [spent / n / end if spent > 0 else None for end in (ends.high, ends.low)]
        found["usd_per_right", ""] = figures(n, right, spent / right, *each)
    return found


def effort(units):
    """Medians, with the quartiles beside them."""
    found = {}
    for column in EFFORT:
        values = [value for unit in units if (value := unit.total(column)) is not None]
        if values:
            low, median, high = (float(np.quantile(values, q)) for q in (0.25, 0.5, 0.75))
            found[column, ""] = figures(len(values), None, median, low, high)
    return found


def recompute(answers, functions):
    """Key → figures of every row that must be there, but for eff@k."""
    rows, variants = {}, defaultdict(lambda: defaultdict(list))
    for answer in answers:
        variants[answer["variant"]][answer["sample"].split("+r")[0]].append(answer)
    parts = {function: [function] for function in functions}
    if len(functions) > 1:
        parts["pipeline"] = functions
    for variant, samples in variants.items():
        last = max(repair_of(answer) for of in samples.values() for answer in of)
        for repair in range(last + 1):
            for part, asked in parts.items():
                units = [Unit(of, asked, repair) for of in samples.values()]
                units = [unit for unit in units if unit.answers]
                known = [unit for unit in units if unit.is_known]
                draws = DRAWS if repair == 0 else (1,)
                found = {
                    "all": chances(known, draws) | money(known) | effort(units),
                    "with-code": chances([unit for unit in known if unit.has_code], draws),
                }
                for basis, of in found.items():
                    for (measure, k), row in of.items():
                        rows[variant, str(repair), part, basis, measure, k] = row
    return rows


def check(comparison, file, key, row, expected):
    for column in FIGURES:
        scale = 1 if column.startswith("ci_") else 0
        comparison.figure(file, key, column, row[column], expected[column], scale)


def is_recomputed(row):
    return row["measure"] != "eff@k"


def main():
    from recompute import Comparison

    folder, functions = Path(sys.argv[1]), sys.argv[2:]
    comparison = Comparison()
    expected = recompute(read_rows(folder / "generations.csv"), functions)
    comparison.table(folder, "scores.csv", sys.modules[__name__], expected, check, is_recomputed)
    for fault in comparison.faults:
        print(fault, file=sys.stderr)
    print(f"recomputed {comparison.figures} figures in {comparison.rows} rows of scores.csv")
    return 1 if comparison.faults else 0


if __name__ == "__main__":
    sys.exit(main())
