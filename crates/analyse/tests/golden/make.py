"""Makes scipy.json: figures for the tests of photofinish-analyse, by SciPy and statsmodels.

    python3 -m venv venv && venv/bin/pip install scipy==1.17.1 statsmodels==0.15.0
    venv/bin/python make.py > scipy.json

The values are drawn from Python's own seeded generator and written into the file, so that the
tests read inputs and answers from one place. Nothing here is shared with the Rust code.
"""
import json
import math
import random
import sys

import numpy as np
import scipy
from scipy import stats
import statsmodels
from statsmodels.stats.multitest import multipletests

draw = random.Random(562)
ROUNDS, PASSES = 12, 3
SIZES = {"small": 40.0, "medium": 120.0, "large": 900.0}
SPEED = {"a": 1.0, "b": 1.06}


def race(speed):
    """One value for each (round, image, pass): log-normal, with a sandbox's luck in each round."""
    rows = []
    for r in range(1, ROUNDS + 1):
        luck = math.exp(draw.gauss(0, 0.06))
        for image, size in SIZES.items():
            for _ in range(PASSES):
                rows.append([r, image, round(size * speed * luck * math.exp(draw.gauss(0, 0.12)), 2)])
    return rows


def interval(xs):
    xs = np.asarray(xs)
    low, high = stats.t.interval(0.95, len(xs) - 1, loc=xs.mean(), scale=stats.sem(xs))
    return [float(low), float(high)]


def describe(by_image, rows):
    everything = np.concatenate(list(by_image.values()))
    means = [x.mean() for x in by_image.values()]
    freedom = sum(len(x) - 1 for x in by_image.values())
    pooled = math.sqrt(sum(x.var(ddof=1) * (len(x) - 1) for x in by_image.values()) / freedom)
    rounds = round_means(rows, by_image)
    q = [float(np.quantile(everything, p, method="linear")) for p in (0.5, 0.95, 0.99)]
    mean = float(np.mean(means))
    return {
        "n": len(everything), "rounds": len(rounds), "mean": mean, "sd": pooled, "cv": pooled / mean,
        "sd_raw": float(everything.std(ddof=1)),
        "cv_raw": float(stats.variation(everything, ddof=1)),
        "median": q[0], "p95": q[1], "p99": q[2], "interval": interval(list(rounds.values())),
    }


def round_means(rows, images):
    return {
        r: float(np.mean([np.mean([x for k, i, x in rows if k == r and i == image]) for image in images]))
        for r in sorted({k for k, _, _ in rows})
    }


def main():
    races = {name: race(speed) for name, speed in SPEED.items()}
    summaries = {}
    for name, rows in races.items():
        images = {i: np.array([x for _, k, x in rows if k == i]) for i in sorted(SIZES)}
        summaries[name] = {i: describe({i: x}, [row for row in rows if row[1] == i]) for i, x in images.items()}
        summaries[name]["all"] = describe(images, rows)
    logs = [np.log(list(round_means(races[k], SIZES).values())) for k in "ab"]
    paired = stats.ttest_rel(*logs)
    ends = paired.confidence_interval(0.95)
    tails = [[t, f, float(2 * stats.t.sf(t, f))] for t in (0.0, 1e-9, 0.3, 1, 2.2, 7, 40, 1e3) for f in (1, 2, 7, 11, 29, 400)]
    quantiles = [[f, float(stats.t.ppf(0.975, f))] for f in (1, 2, 3, 7, 11, 29, 120, 5000)]
    p_lists = [[0.01, 0.04, 0.03], [0.2], [0.001, 0.001, 0.9, 0.5, 0.02], [1.0, 1.0], [0.04, 0.03, 0.02, 0.01]]
    json.dump({
        "made_by": f"scipy {scipy.__version__}, statsmodels {statsmodels.__version__}, numpy {np.__version__}",
        "races": races, "summaries": summaries,
        "paired": {
            "ratio": math.exp(float(np.mean(logs[0] - logs[1]))),
            "interval": [math.exp(ends.low), math.exp(ends.high)], "p": float(paired.pvalue),
        },
        "tails": tails, "quantiles": quantiles,
        "holm": [[p, [float(x) for x in multipletests(p, method="holm")[1]]] for p in p_lists],
    }, sys.stdout, indent=1)
    print()


main()
