"""cost.csv, from the summed-up figures of chained passes, the price book and the study's [cost]."""

import hashlib
import tomllib
from dataclasses import dataclass

import summary as summed

KEY = "variant platform architecture memory_mb price_date".split()
FIGURES = (
    "images compute_usd init_usd requests_usd s3_usd logs_usd transfer_usd total_usd ci_low ci_high "
    "express_usd standard_usd orchestrated_usd orchestrated_ci_low orchestrated_ci_high"
).split()
GB = 2**30
DAYS_A_MONTH = 30


@dataclass
class Need:
    """What one image takes on a deployment, beside its billed time."""

    billed: dict
    init_ms: float
    output_bytes: float
    final_bytes: float


class Prices:
    """The price book that the lock names, to the byte."""

    def __init__(self, path, plan):
        with open(path, "rb") as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != plan.price_sha256:
            raise SystemExit(f"{path} is not the price book that the lock names")
        self.book = tomllib.loads(content.decode())
        self.plan = plan

    def of(self, *keys):
        """A function from an amount to US dollars."""
        price = self.book
        for key in keys:
            price = price[key]
        return lambda amount: amount / price["per"] * price["usd"]

    def compute(self, deployment, billed_ms):
        """All images' billed time at the architecture's own price, step by step of the month."""
        seconds = self.plan.cost["images"] * billed_ms / 1000
        left = seconds * deployment.memory_mb / 1024
        usd, start = 0.0, 0.0
        for tier in self.book["lambda"][deployment.architecture]["tiers"]:
            room = tier.get("up_to_gb_s", float("inf")) - start
            usd += min(left, room) * tier["usd_per_gb_s"]
            left -= min(left, room)
            start += room
        return usd

    def terms(self, deployment, need, billed_ms):
        cost, calls = self.plan.cost, self.plan.cost["images"] * len(self.plan.functions)
        compute = self.compute(deployment, billed_ms)
        cold_ms = cost["cold_share"] * need.init_ms
        kept_gb = cost["images"] * need.output_bytes / GB
        return {
            "compute_usd": compute,
            "init_usd": self.compute(deployment, billed_ms + cold_ms) - compute,
            "requests_usd": self.of("lambda", "requests")(calls),
            "s3_usd": self.of("s3", "get")(calls)
            + self.of("s3", "put")(calls)
            + self.of("s3", "storage")(kept_gb * cost["retention_days"] / DAYS_A_MONTH),
            "logs_usd": self.of("logs", "ingestion")(calls * cost["log_bytes_per_call"] / GB),
            "transfer_usd": self.of("transfer", "out")(
                cost["images"] * cost["downloaded_share"] * need.final_bytes / GB
            ),
        }

    def total(self, deployment, need, billed_ms):
        return sum(self.terms(deployment, need, billed_ms).values())


def need(deployment, passes, plan):
    """What an image takes there; none where a figure of it was never measured."""
    groups = summed.values(passes, plan)

    def find(flow, part, metric, state):
        pictures = groups.get((deployment, flow, part, metric, state))
        return summed.figures(list(pictures.values())) if pictures else None

    warm = [
        find("chained", "pipeline", "billed", "warm"),
        find("chained", "pipeline", "output_bytes", "warm"),
        find("chained", plan.functions[-1], "output_bytes", "warm"),
    ]
    init_ms = 0.0
    if plan.cost["cold_share"] > 0:
        inits = [
            find("chained", function, "init", "cold") or find("isolated", function, "init", "cold")
            for function in plan.functions
        ]
        if None in inits:
            return None
        init_ms = sum(init["mean"] for init in inits)
    if None in warm:
        return None
    return Need(warm[0], init_ms, warm[1]["mean"], warm[2]["mean"])


def needs(passes, plan):
    return {deployment: need(deployment, passes, plan) for deployment in plan.deployments}


def recompute(needed, prices, plan):
    """Key → figures of every row that must be there."""
    rows = {}
    for deployment, need_of in needed.items():
        if need_of is None:
            continue
        variant = deployment.variant
        if deployment.sample != "1":
            variant = f"{variant}/{deployment.sample}"
        key = (
            variant,
            deployment.platform,
            deployment.architecture,
            str(deployment.memory_mb),
            plan.price_date,
        )
        terms = prices.terms(deployment, need_of, need_of.billed["mean"])
        ends = [need_of.billed["ci_low"], need_of.billed["ci_high"]]
        low, high = (
            None if end is None else prices.total(deployment, need_of, max(end, 0.0))
            for end in ends
        )
        rows[key] = {
            "images": plan.cost["images"],
            **terms,
            "total_usd": sum(terms.values()),
            "ci_low": low,
            "ci_high": high,
        }
    return rows
