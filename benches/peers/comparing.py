"""Two contestants that took turns: medians, how far apart, how sure that is, and whether a goal is
reached."""

import random
import statistics

RESAMPLES = 2000


def summary(values):
    """Median, quartiles and number of some values."""
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": median, "quartiles": [low, high], "n": len(values)}


def compare(ours, theirs, at_most=None):
    """Our median as a share of theirs, with 95 % of what other draws of the rounds would have
    given; what disturbed a round disturbed both, so the same rounds are drawn for both."""
    if len(ours) != len(theirs):
        raise ValueError("rounds of both sides must be as many")
    draw = random.Random(1)
    rounds = range(len(ours))
    ratios = []
    for _ in range(RESAMPLES):
        chosen = draw.choices(rounds, k=len(ours))
        ratios.append(statistics.median([ours[at] for at in chosen])
                      / statistics.median([theirs[at] for at in chosen]))
    ratios.sort()
    interval = [ratios[int(RESAMPLES * 0.025)], ratios[int(RESAMPLES * 0.975) - 1]]
    compared = {"ours": summary(ours), "theirs": summary(theirs),
                "ratio": statistics.median(ours) / statistics.median(theirs), "interval": interval}
    if at_most is not None:
        compared |= {"goal": at_most, "answer": answer(interval, at_most)}
    return compared


def answer(interval, at_most):
    """A goal is reached only if the whole interval is on its side."""
    low, high = interval
    return "reached" if high <= at_most else "not reached" if low > at_most else "undecided"
