"""Made-up measurements with everything that goes wrong in real ones, judged and recomputed.

    python messy.py PHOTOFINISH --prices PRICE_BOOK [--seeds N]

Several contestants on two architectures and two memory sizes, with failures, lost figures, calls
that found a cold sandbox, passes that were done again and a deployment that lacks a function: more
than a study on one machine can show. `photofinish analyse --from` judges them; recompute.py works
the same figures out.
"""

import argparse
import csv
import hashlib
import json
import random
import subprocess
import sys
import tempfile
from itertools import product
from pathlib import Path

import alter
from measured import Deployment
from recompute import Study

CONTESTANTS = [("fir", "1"), ("fir", "2"), ("oak", "1")]
ARCHITECTURES, MEMORY = ["x86_64", "arm64"], [512, 1769]
FUNCTIONS, IMAGES, FLOWS = ["shrink", "tint", "turn"], ["cat", "dog"], ["chained", "isolated"]
ROUNDS, PASSES_PER_IMAGE = 14, 2
COST = {
    "images": 100_000,
    "cold_share": 0.01,
    "retention_days": 1.0,
    "log_bytes_per_call": 400.0,
    "downloaded_share": 0.0,
}
COLUMNS = (
    "pass round block position phase flow variant sample function platform architecture memory_mb "
    "image state client_ms duration_ms billed_ms init_ms max_memory_mb cpu_ms import_ms download_ms "
    "compute_ms upload_ms output_bytes status sent_ms orchestration"
).split()


class Race:
    """Draws the rows."""

    def __init__(self, seed):
        self.draw, self.rows, self.number = random.Random(seed), [], 0
        self.deployments = [
            Deployment(variant, sample, "aws", architecture, memory)
            for (variant, sample), architecture, memory in product(
                CONTESTANTS, ARCHITECTURES, MEMORY
            )
        ]
        # One function of one deployment is wrong: it is never raced, and so is no chain of it.
        self.wrong = (self.deployments[-1], "tint")

    def luck(self, spread):
        return self.draw.lognormvariate(0, spread)

    def sometimes(self, share):
        return self.draw.random() < share

    def run(self):
        for number in range(1, ROUNDS + 1):
            sandbox = {
                (deployment, function): self.luck(0.05)
                for deployment in self.deployments
                for function in FUNCTIONS
            }
            for deployment in self.deployments:
                self.one(
                    number, "warm-up", "isolated", deployment, self.draw.choice(IMAGES), sandbox
                )
                if number == 1:
                    for image in IMAGES:
                        self.one(number, "stages", "isolated", deployment, image, sandbox)
            for flow, image, _ in product(FLOWS, IMAGES, range(PASSES_PER_IMAGE)):
                for deployment in self.draw.sample(self.deployments, len(self.deployments)):
                    self.one(number, "race", flow, deployment, image, sandbox)
        return self.rows + [twice_as_slow(row) for row in self.rows if is_chained(row)]

    def one(self, number, phase, flow, deployment, image, sandbox):
        if flow == "chained" and deployment == self.wrong[0]:
            return
        self.number += 1
        clock = 0.0
        for function in FUNCTIONS:
            if (deployment, function) == self.wrong:
                continue
            row, ok = self.call(number, phase, flow, deployment, image, function, sandbox, clock)
            self.rows.append(row)
            clock += row["client_ms"] + self.draw.uniform(0.1, 2)
            if not ok and flow == "chained":
                break
        if flow == "chained" and phase == "race" and not ok and self.sometimes(0.5):
            self.one(number, phase, flow, deployment, image, sandbox)

    def call(self, number, phase, flow, deployment, image, function, sandbox, clock):
        speed = {"fir": 90, "oak": 104}[deployment.variant] + 3 * int(deployment.sample)
        speed *= 1769 / deployment.memory_mb * (1.15 if deployment.architecture == "arm64" else 1)
        speed *= 3 if image == "dog" else 1
        ms = (
            speed * (1 + FUNCTIONS.index(function)) * sandbox[deployment, function] * self.luck(0.1)
        )
        state = "cold" if phase == "warm-up" or self.sometimes(0.003) else "warm"
        if phase == "warm-up" and self.sometimes(0.1):
            state = "proactive"
        ok = not (phase == "race" and self.sometimes(0.004))
        staged = phase == "stages"
        row = {
            "pass": self.number,
            "round": number,
            "block": 1,
            "position": 1,
            "phase": phase,
            "flow": flow,
            "variant": deployment.variant,
            "sample": deployment.sample,
            "function": function,
            "platform": deployment.platform,
            "architecture": deployment.architecture,
            "memory_mb": deployment.memory_mb,
            "image": image,
            "state": "" if self.sometimes(0.001) else state,
            "client_ms": round(ms + 4 * self.luck(0.5), 6),
            "duration_ms": "" if self.sometimes(0.002) else round(ms, 2),
            "billed_ms": "" if self.sometimes(0.002) else int(ms) + 1,
            "init_ms": round(330 * self.luck(0.1), 2) if state == "cold" else "",
            "max_memory_mb": self.draw.randrange(60, 70),
            "output_bytes": "" if self.sometimes(0.001) else self.draw.randrange(90_000, 140_000),
            "status": (
                "ok" if ok else self.draw.choice(["function error", "in doubt", "wrong output"])
            ),
            "sent_ms": "" if self.sometimes(0.001) else round(clock, 6),
            "orchestration": "client",
        }
        for stage, share in [
            ("cpu", 0.9),
            ("import", 0),
            ("download", 0.1),
            ("compute", 0.7),
            ("upload", 0.2),
        ]:
            row[f"{stage}_ms"] = round(ms * share, 3) if staged else ""
        return row, ok


def is_chained(row):
    return row["flow"] == "chained" and row["phase"] == "race"


def twice_as_slow(row):
    """The same call in a pass by a state machine: no figure may rest on it."""
    slower = {"duration_ms": 2, "billed_ms": 2, "output_bytes": 2}
    doubled = {key: row[key] and row[key] * times for key, times in slower.items()}
    away = {"client_ms": "", "sent_ms": "", "orchestration": "step-functions"}
    return {**row, **doubled, **away, "pass": row["pass"] + 1_000_000}


def lock(race, price_book):
    """What recompute.py reads of a lock."""
    text = json.dumps  # a string, number or list of them is written alike in TOML and JSON
    deployments = [str(deployment) for deployment in race.deployments]
    cost = "\n".join(f"{key} = {value}" for key, value in COST.items())
    date = next(line for line in price_book.decode().splitlines() if line.startswith("date = "))
    return f"""[race]
deployments = {text(deployments)}
functions = {text(FUNCTIONS)}
flows = {text(FLOWS)}
images = {text(IMAGES)}
passes_per_image = {PASSES_PER_IMAGE}
[price_book]
{date}
sha256 = {text(hashlib.sha256(price_book).hexdigest())}
[study.cost]
{cost}
"""


def check(photofinish, price_book, seed):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        race, data = Race(seed), folder / "report/data"
        data.mkdir(parents=True)
        with open(data / "invocations.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerows(race.run())
        (folder / "study.lock.toml").write_text(lock(race, price_book.read_bytes()))
        judged = folder / "judged"
        command = [photofinish, "analyse", "--from", data / "invocations.csv", "--out", judged]
        subprocess.run(command, check=True, capture_output=True)
        study = Study(folder, price_book)
        comparison = study.compare(judged)
        for fault in comparison.faults:
            print(fault, file=sys.stderr)
        words = sorted({row["verdict"] for row in study.verdicts.values()})
        print(
            f"made-up measurements {seed}: {comparison.figures} figures in {comparison.rows} rows, "
            f"{len(comparison.faults)} differ; verdicts: {', '.join(words)}"
        )
        return len(comparison.faults) or alter.self_test(study, judged, seed)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("photofinish", type=Path)
    arguments.add_argument("--prices", type=Path, required=True)
    arguments.add_argument("--seeds", type=int, default=3)
    given = arguments.parse_args()
    wrong = [check(given.photofinish, given.prices, seed) for seed in range(given.seeds)]
    return 1 if any(wrong) else 0


if __name__ == "__main__":
    sys.exit(main())
