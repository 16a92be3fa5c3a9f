"""orchestration.csv, and what cost.csv says of state machines: from both orchestrations' passes."""

import math
from collections import defaultdict

import summary as summed
from spread import mean, paired_ratio
from verdicts import FEWEST_ROUNDS, complete_rounds

KEY = "variant sample platform architecture memory_mb".split()
FIGURES = (
    "rounds failed n_client client_s client_ci_low client_ci_high n_machine machine_s "
    "machine_ci_low machine_ci_high ratio ratio_ci_low ratio_ci_high p n_execution execution_ms "
    "execution_ci_low execution_ci_high functions_ms transitions images express_usd standard_usd "
    "total_usd total_ci_low total_ci_high"
).split()
# In cost.csv, by what they are called here.
IN_COST = {
    "express_usd": "express_usd",
    "standard_usd": "standard_usd",
    "orchestrated_usd": "total_usd",
    "orchestrated_ci_low": "total_ci_low",
    "orchestrated_ci_high": "total_ci_high",
}


def good(one, plan):
    return one.phase == "race" and one.is_whole(plan.functions)


def turnaround_rounds(passes, deployment, plan):
    """round → mean turnaround, of the rounds that have every planned pass of every picture."""
    cells = defaultdict(lambda: defaultdict(list))
    for one in passes:
        if good(one, plan) and one.deployment == deployment and one.flow == "chained":
            if one.state in ("warm", "") and one.turnaround_s() is not None:
                cells[one.round][one.image].append(one.turnaround_s())
    return complete_rounds(cells, plan)


def over_pictures(passes, deployment, plan, value):
    """The summary's figures of a value of the warm whole passes."""
    pictures = defaultdict(list)
    for one in passes:
        if good(one, plan) and one.deployment == deployment and one.state == "warm":
            if value(one) is not None:
                pictures[one.image].append((one.round, value(one)))
    return summed.figures(list(pictures.values())) if pictures else None


def gb_seconds(one):
    """What an execution is charged for: where that is not told, whole 100 ms at 64 MB."""
    told = one.execution
    billed = told["execution_billed_ms"]
    if billed is None and told["execution_ms"] is not None:
        billed = max(math.ceil(told["execution_ms"] / 100), 1) * 100
    if billed is None:
        return None
    memory = told["execution_memory_mb"]
    return billed / 1000 * (64 if memory is None else memory) / 1024


def price(book, name):
    (found,) = [one for one in book["other"] if one["name"] == f"step functions {name}"]
    return found["usd"] / found["per"]


def cost(passes, deployment, need, prices, plan):
    """What all images cost by way of the state machine; nothing where a figure is missing."""
    billed = over_pictures(passes, deployment, plan, lambda one: one.total("billed_ms"))
    charged = over_pictures(passes, deployment, plan, gb_seconds)
    if need is None or billed is None or charged is None:
        return {}
    images = plan.cost["images"]
    express = images * price(prices.book, "express request")
    express += images * charged["mean"] * price(prices.book, "express duration")
    low, high = (
        None if end is None else prices.total(deployment, need, max(end, 0.0)) + express
        for end in (billed["ci_low"], billed["ci_high"])
    )
    return {
        "images": images,
        "express_usd": express,
        "standard_usd": images * len(plan.functions) * price(prices.book, "standard transition"),
        "total_usd": prices.total(deployment, need, billed["mean"]) + express,
        "total_ci_low": low,
        "total_ci_high": high,
    }


def recompute(client, machine, plan, needed, prices):
    """Key → figures of every row that must be there."""
    rows = {}
    for deployment in plan.deployments:
        own = [one for one in machine if one.deployment == deployment]
        if not own:
            continue
        row = dict.fromkeys(FIGURES)
        of = [turnaround_rounds(side, deployment, plan) for side in (own, client)]
        both = sorted(of[0].keys() & of[1].keys())
        row["rounds"] = len(both)
        row["failed"] = sum(one.phase == "race" and not one.ok for one in own)
        if len(both) >= FEWEST_ROUNDS:
            means = [[side[number].mean for number in both] for side in of]
            row["ratio"], (row["ratio_ci_low"], row["ratio_ci_high"]), row["p"] = paired_ratio(
                *means
            )
        chained = [one for one in client if one.flow == "chained"]
        for name, unit, passes, value in (
            ("client", "s", chained, lambda one: one.turnaround_s()),
            ("machine", "s", own, lambda one: one.turnaround_s()),
            ("execution", "ms", own, lambda one: one.execution["execution_ms"]),
        ):
            found = over_pictures(passes, deployment, plan, value)
            if found is not None:
                row[f"n_{name}"], row[f"{name}_{unit}"] = found["n"], found["mean"]
                row[f"{name}_ci_low"], row[f"{name}_ci_high"] = found["ci_low"], found["ci_high"]
        functions = over_pictures(own, deployment, plan, lambda one: one.total("duration_ms"))
        row["functions_ms"] = functions and functions["mean"]
        row["transitions"] = len(plan.functions)
        row.update(cost(own, deployment, needed[deployment], prices, plan))
        key = (deployment.variant, deployment.sample, deployment.platform)
        rows[*key, deployment.architecture, str(deployment.memory_mb)] = row
    return rows


def into_cost(rows, costs):
    """Adds to the rows of cost.csv what their state machines cost."""
    for key, row in costs.items():
        variant, _, sample = key[0].partition("/")
        of = rows.get((variant, sample or "1", *key[1:4]), {})
        for column, name in IN_COST.items():
            row[column] = of.get(name)


def check(comparison, file, key, row, expected):
    for column in FIGURES:
        scale = max(expected["client_s"] or 0, expected["execution_ms"] or 0, 1)
        comparison.figure(file, key, column, row[column], expected[column], scale)
