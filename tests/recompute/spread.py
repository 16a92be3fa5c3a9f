"""Means, spreads, quantiles and intervals, by NumPy and SciPy."""

import math

import numpy as np
from scipy import stats

LEVEL = 0.05


def mean(values):
    return math.fsum(values) / len(values)


def t_interval(values):
    """The 95 % interval on the mean of independent numbers; none below two."""
    if len(values) < 2:
        return None, None
    half = float(stats.t.ppf(1 - LEVEL / 2, len(values) - 1) * stats.sem(values))
    return mean(values) - half, mean(values) + half


def pooled_sd(groups):
    """Within groups: differences between their means do not enter."""
    freedom = sum(len(group) - 1 for group in groups)
    if freedom == 0:
        return None
    squares = sum(
        float(np.var(group, ddof=1)) * (len(group) - 1) for group in groups if len(group) > 1
    )
    return math.sqrt(squares / freedom)


def over(sd, centre):
    """A coefficient of variation; absent where it would be no number."""
    return None if sd is None or centre == 0 else sd / centre


def paired_ratio(left, right):
    """Geometric mean of left/right with its 95 % interval and p: a paired t on logarithms."""
    logs = np.log(left) - np.log(right)
    if np.all(logs == logs[0]):
        ratio = float(np.exp(logs[0]))
        return ratio, (ratio, ratio), 1.0 if logs[0] == 0 else 0.0
    test = stats.ttest_1samp(logs, 0.0)
    ends = test.confidence_interval(1 - LEVEL)
    return (
        float(np.exp(np.mean(logs))),
        (float(np.exp(ends.low)), float(np.exp(ends.high))),
        float(test.pvalue),
    )


def holm(p):
    """Step-down adjustment: the smallest p times how many there are, the next times one fewer, …"""
    adjusted, floor = [None] * len(p), 0.0
    for rank, place in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        floor = max(floor, min(1.0, p[place] * (len(p) - rank)))
        adjusted[place] = floor
    return adjusted
