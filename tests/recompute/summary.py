"""summary.csv, from the passes."""

from collections import defaultdict

import numpy as np

from spread import mean, over, pooled_sd, t_interval

KEY = "variant sample platform architecture memory_mb flow function image metric unit state".split()
FIGURES = "rounds n mean sd cv sd_raw cv_raw median p95 p99 ci_low ci_high".split()
UNITS = {"turnaround": "s", "max_memory": "MB", "output_bytes": "B"}

RACE = {
    "duration": "duration_ms",
    "billed": "billed_ms",
    "client": "client_ms",
    "max_memory": "max_memory_mb",
    "output_bytes": "output_bytes",
}
STAGES = {stage: f"{stage}_ms" for stage in ("import", "download", "compute", "upload", "cpu")}
SUMS = ("duration", "billed", "client", "output_bytes")


def values(passes, plan):
    """(deployment, flow, part, metric, state) → image → [(round, value)]."""
    groups = defaultdict(lambda: defaultdict(list))

    def put(of, part, metric, state, value):
        if value is not None:
            key = (of.deployment, of.flow, part, metric, state)
            groups[key][of.image].append((of.round, value))

    for one in passes:
        for call in one.calls:
            if not call.ok or call.function not in plan.functions:
                continue
            wanted = {}
            if call.phase == "race":
                wanted = RACE
            elif call.phase == "stages":
                wanted = STAGES
            elif call.phase == "warm-up" and call.state == "cold":
                wanted = {"init": "init_ms"}
            for metric, figure in wanted.items():
                put(call, call.function, metric, call.state, call.figures[figure])
        if one.phase == "race" and one.is_whole(plan.functions):
            for metric in SUMS:
                put(one, "pipeline", metric, one.state, one.total(RACE[metric]))
            put(one, "pipeline", "turnaround", one.state, one.turnaround_s())
    return groups


def figures(pictures):
    """The figures over some pictures: a list of [(round, value)] for each of them."""
    groups = [[value for _, value in picture] for picture in pictures]
    everything = [value for group in groups for value in group]
    centre, raw = mean([mean(group) for group in groups]), mean(everything)
    sd, sd_raw = pooled_sd(groups), pooled_sd([everything])
    units = []
    for round_number in sorted({number for picture in pictures for number, _ in picture}):
        cells = [[v for number, v in picture if number == round_number] for picture in pictures]
        if all(cells):
            units.append(mean([mean(cell) for cell in cells]))
    low, high = t_interval(units)
    return {
        "rounds": len(units),
        "n": len(everything),
        "mean": centre,
        "sd": sd,
        "cv": over(sd, centre),
        "sd_raw": sd_raw,
        "cv_raw": over(sd_raw, raw),
        **{
            name: float(np.quantile(everything, q))
            for name, q in (("median", 0.5), ("p95", 0.95), ("p99", 0.99))
        },
        "ci_low": low,
        "ci_high": high,
    }


def recompute(passes, plan):
    """Key → figures of every row that must be there."""
    rows = {}
    for (deployment, flow, part, metric, state), pictures in values(passes, plan).items():
        choices = {image: [picture] for image, picture in pictures.items()}
        choices["all"] = list(pictures.values())
        for image, chosen in choices.items():
            key = (
                deployment.variant,
                str(deployment.sample),
                deployment.platform,
                deployment.architecture,
                str(deployment.memory_mb),
                flow,
                part,
                image,
                metric,
                UNITS.get(metric, "ms"),
                state,
            )
            rows[key] = figures(chosen)
    return rows
