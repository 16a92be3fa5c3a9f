"""Makes scores.json: figures for the tests of photofinish-analyse, by counting and by SciPy.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1
    venv/bin/python scores.py > scores.json

pass@k, pass^k and eff@k are not computed by any formula: every choice of k of the n answers is
listed and looked at, in exact fractions. Only the large case, which cannot be listed, is the
formula of Chen et al. 2021 (arXiv 2107.03374) in exact fractions. The interval on a proportion is
SciPy's binomtest. Nothing here is shared with the Rust code.
"""
import itertools
import json
import math
import random
import sys
from fractions import Fraction

import numpy as np
import scipy
from scipy import stats

draw = random.Random(562)


def over_choices(values, k, judge):
    """The mean of `judge` over every choice of k of the values."""
    found = [judge(choice) for choice in itertools.combinations(values, k)]
    return sum(found, Fraction(0)) / len(found)


def draws():
    """[k, right, n, pass@k, pass^k]"""
    for n in range(1, 9):
        for right in range(n + 1):
            answers = [True] * right + [False] * (n - right)
            for k in range(1, n + 1):
                one = over_choices(answers, k, lambda c: Fraction(any(c)))
                every = over_choices(answers, k, lambda c: Fraction(all(c)))
                yield [k, right, n, float(one), float(every)]
    for k, right, n in ((1, 37, 200), (10, 37, 200), (100, 37, 200), (100, 3, 200), (7, 150, 200)):
        total = math.comb(n, k)
        one = 1 - Fraction(math.comb(n - right, k), total)
        yield [k, right, n, float(one), float(Fraction(math.comb(right, k), total))]


def best(values, k):
    return float(over_choices([Fraction(v) for v in values], k, max))


def jackknife(values, k):
    """On logarithms; none below 5k answers, or where an estimate is 0."""
    n = len(values)
    left = [best(values[:i] + values[i + 1:], k) for i in range(n)] if n >= 5 * k else [0]
    if min(left) == 0:
        return None
    logs = np.log(left)
    half = stats.t.ppf(0.975, n - 1) * math.sqrt((n - 1) * np.var(logs))
    return [best(values, k) * math.exp(-half), best(values, k) * math.exp(half)]


def speeds():
    """[k, values, eff@k, interval or none]"""
    lists = [[1.25], [0.0, 2.0], [1.0, 1.5, 0.0, 3.0, 0.75], [0.0, 0.0, 2.0, 0.0, 0.0]]
    for n in (10, 15):
        speed = lambda: 0.0 if draw.random() < 0.4 else round(math.exp(draw.gauss(0, 0.6)), 4)
        lists.append([speed() for _ in range(n)])
    for values in lists:
        for k in range(1, min(len(values), 5) + 1):
            yield [k, values, best(values, k), jackknife(values, k)]


def proportions():
    """[right, n, low, high]"""
    for n in (1, 2, 5, 10, 30, 200):
        for right in sorted({0, 1, n // 3, n // 2, n - 1, n}):
            ends = stats.binomtest(right, n).proportion_ci(0.95, method="exact")
            yield [right, n, float(ends.low), float(ends.high)]


json.dump({
    "made_by": f"fractions of Python {sys.version.split()[0]}, scipy {scipy.__version__}, numpy {np.__version__}",
    "draws": list(draws()), "speeds": list(speeds()), "proportions": list(proportions()),
}, sys.stdout, separators=(",", ":"))
print()
