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
    n = len(values)
    left = np.array([best(values[:i] + values[i + 1:], k) for i in range(n)])
    half = stats.t.ppf(0.975, n - 1) * math.sqrt((n - 1) / n * ((left - left.mean()) ** 2).sum())
    return [max(0.0, best(values, k) - half), best(values, k) + half]


def speeds():
    """[k, values, eff@k, interval or none]"""
    lists = [[1.25], [0.0, 2.0], [1.0, 1.5, 0.0, 3.0, 0.75]]
    lists.append([0.0 if draw.random() < 0.4 else round(math.exp(draw.gauss(0, 0.6)), 4) for _ in range(10)])
    for values in lists:
        for k in range(1, len(values) + 1):
            has_interval = k < len(values)
            yield [k, values, best(values, k), jackknife(values, k) if has_interval else None]
    values = lists[-1]
    t = stats.t.interval(0.95, 9, loc=np.mean(values), scale=stats.sem(values))
    assert np.allclose(jackknife(values, 1), t), "for k = 1 the jackknife is the t interval"


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
