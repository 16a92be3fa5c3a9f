"""verdicts.csv, by the one rule: a paired t on the logarithms of round means, Holm in each family."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from spread import LEVEL, holm, mean, paired_ratio

KEY = "family metric flow function left right".split()
FIGURES = "ratio ci_low ci_high rounds n_left n_right p p_adjusted".split()
FEWEST_ROUNDS = 8


@dataclass
class RoundMean:
    mean: float
    n: int


def complete_rounds(cells, plan):
    """round → its mean, of the rounds that have every planned pass of every picture."""
    found = {}
    for number, by_image in cells.items():
        pictures = [by_image.get(image, []) for image in plan.images]
        if all(len(values) >= plan.passes_per_image for values in pictures):
            middle = mean([mean(values) for values in pictures])
            if middle > 0:
                found[number] = RoundMean(middle, sum(len(values) for values in pictures))
    return found


def all_rounds(passes, plan):
    """(deployment, series) → round → mean; a series is a function, `duration` or `billed`."""
    cells = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))

    def put(one, series, value):
        if value is not None:
            cells[one.deployment, series][one.round][one.image].append(value)

    for one in passes:
        if one.phase != "race" or not one.ok or one.state not in ("warm", ""):
            continue
        if one.flow == "isolated":
            for call in one.calls:
                put(one, ("function", call.function), call.figures["duration_ms"])
        elif one.is_whole(plan.functions):
            put(one, "duration", one.total("duration_ms"))
            put(one, "billed", one.total("billed_ms"))
    rounds = {key: complete_rounds(of, plan) for key, of in cells.items()}
    return lambda deployment, series: rounds.get((deployment, series), {})


def pairs(deployments):
    """Two contestants on one target, or one on two architectures; the earlier on the left."""
    for left, right in combinations(deployments, 2):
        differences = [
            left.contestant != right.contestant,
            left.architecture != right.architecture,
        ]
        alike = (left.platform, left.memory_mb) == (right.platform, right.memory_mb)
        if alike and sum(differences) == 1:
            yield left, right


def compare(left, right):
    """The figures of one comparison, before its family is adjusted."""
    both = sorted(left.keys() & right.keys())
    row = dict.fromkeys(FIGURES)
    row["rounds"] = len(both)
    row["n_left"] = sum(left[number].n for number in both)
    row["n_right"] = sum(right[number].n for number in both)
    if len(both) >= FEWEST_ROUNDS:
        means = [[side[number].mean for number in both] for side in (left, right)]
        row["ratio"], (row["ci_low"], row["ci_high"]), row["p"] = paired_ratio(*means)
    return row


def interactions(rounds, plan):
    """Of each two contestants on arm64: whose arm64/x86_64 is lower?"""

    def quotient(arm):
        own, other = rounds(arm, "duration"), rounds(arm.on("x86_64"), "duration")
        return {
            number: RoundMean(
                own[number].mean / other[number].mean, own[number].n + other[number].n
            )
            for number in own.keys() & other.keys()
        }

    arms = [
        deployment
        for deployment in plan.judged()
        if deployment.architecture == "arm64" and deployment.on("x86_64") in plan.deployments
    ]
    for left, right in combinations(arms, 2):
        if (left.platform, left.memory_mb) == (right.platform, right.memory_mb):
            yield left, right, compare(quotient(left), quotient(right))


def in_usd(of, deployment, need, prices, metric):
    """Each round's billed mean as what all images cost."""
    if need is None:
        return {}

    def usd(billed_ms):
        if metric == "compute_usd":
            return prices.compute(deployment, billed_ms)
        return prices.total(deployment, need, billed_ms)

    return {number: RoundMean(usd(at.mean), at.n) for number, at in of.items()}


def recompute(passes, plan, needed, prices):
    """Key → figures and verdict of every row that must be there."""
    rounds, rows = all_rounds(passes, plan), {}
    for left, right in pairs(plan.judged()):
        if "chained" in plan.flows:
            key = ("pipeline", "duration", "chained", "pipeline", str(left), str(right))
            rows[key] = compare(rounds(left, "duration"), rounds(right, "duration"))
            for metric in ("compute_usd", "total_usd"):
                key = ("cost", metric, "chained", "pipeline", str(left), str(right))
                sides = (
                    in_usd(rounds(side, "billed"), side, needed[side], prices, metric)
                    for side in (left, right)
                )
                rows[key] = compare(*sides)
        if "isolated" in plan.flows:
            for function in plan.functions:
                key = ("functions", "duration", "isolated", function, str(left), str(right))
                sides = (rounds(side, ("function", function)) for side in (left, right))
                rows[key] = compare(*sides)
    if "chained" in plan.flows:
        metric = "duration_arm64_over_x86_64"
        for left, right, row in interactions(rounds, plan):
            rows["architecture", metric, "chained", "pipeline", str(left), str(right)] = row
    decide(rows)
    return rows


def decide(rows):
    """Adjusts p within each family, and says what follows."""
    families = defaultdict(list)
    for key, row in rows.items():
        row["verdict"] = "undecided"
        if row["p"] is not None:
            families[key[0]].append(row)
    for family, tested in families.items():
        words = ("cheaper", "dearer") if family == "cost" else ("faster", "slower")
        for row, adjusted in zip(tested, holm([row["p"] for row in tested])):
            row["p_adjusted"] = adjusted
            if adjusted < LEVEL:
                row["verdict"] = words[0] if row["ratio"] < 1 else words[1]


def may_be_rejected(key, passes, plan):
    """Whether a row may say `rejected`: one of its sides must not have raced.

    Why it was rejected is in verification.csv, which is no figure. What is wrong in isolation has
    no isolated race rows; what is wrong in its own chain has no chained ones.
    """
    family, _, _, function, *sides = key
    sides = [str(of) for of in sides]
    if family == "architecture":
        sides += [side.replace("/arm64/", "/x86_64/") for side in sides]
    raced = defaultdict(set)
    for one in passes:
        if one.phase == "race":
            raced[str(one.deployment)] |= {(one.flow, call.function) for call in one.calls}
    for side in sides:
        chained = any(flow == "chained" for flow, _ in raced[side])
        if "chained" in plan.flows and not chained:
            return True
        if family == "functions" and ("isolated", function) not in raced[side]:
            return True
    return False
