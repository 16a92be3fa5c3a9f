"""What was measured and what was planned: the rows of invocations.csv, and study.lock.toml.

A pass is not in invocations.csv as a row of its own; it is made of its invocations here.
"""

import csv
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field

OK = "ok"
# From cold to warm: the least warm invocation names its pass.
WARMTH = ["cold", "proactive", "warm"]


def number(text):
    """A cell as a number; an empty one is absent, never zero."""
    return float(text) if text != "" else None


@dataclass(frozen=True)
class Deployment:
    variant: str
    sample: str
    platform: str
    architecture: str
    memory_mb: int

    @classmethod
    def parse(cls, text):
        contestant, target = text.split("@")
        variant, sample = contestant.split("/")
        platform, architecture, memory_mb = target.split("/")
        return cls(variant, sample, platform, architecture, int(memory_mb))

    @property
    def contestant(self):
        return (self.variant, self.sample)

    def on(self, architecture):
        return Deployment(self.variant, self.sample, self.platform, architecture, self.memory_mb)

    def __str__(self):
        return f"{self.variant}/{self.sample}@{self.platform}/{self.architecture}/{self.memory_mb}"


@dataclass
class Call:
    """One row."""

    deployment: Deployment
    flow: str
    phase: str
    round: int
    image: str
    function: str
    state: str
    status: str
    figures: dict

    @property
    def ok(self):
        return self.status == OK


@dataclass
class Pass:
    """The invocations of one pass."""

    calls: list = field(default_factory=list)
    # Of a pass by a state machine: what passes.csv says of it.
    measured_s: float | None = None
    execution: dict | None = None

    def __getattr__(self, name):
        # Where in the race: all invocations of a pass share it.
        return getattr(self.calls[0], name)

    @property
    def ok(self):
        return all(call.ok for call in self.calls)

    @property
    def state(self):
        known = [call.state for call in self.calls if call.state]
        return min(known, key=WARMTH.index) if known else ""

    def is_whole(self, functions):
        return self.ok and sorted(call.function for call in self.calls) == sorted(functions)

    def total(self, figure):
        """The sum over its invocations; absent if one of them has no such figure."""
        values = [call.figures[figure] for call in self.calls]
        return None if None in values else sum(values)

    def turnaround_s(self):
        """From the first request sent to the last response received."""
        if self.execution is not None:
            return self.measured_s
        ends = [(call.figures["sent_ms"], call.figures["client_ms"]) for call in self.calls]
        if any(None in end for end in ends):
            return None
        return max(sent + client for sent, client in ends) / 1000


FIGURES = (
    "sent_ms client_ms duration_ms billed_ms init_ms max_memory_mb output_bytes "
    "import_ms download_ms compute_ms upload_ms cpu_ms"
).split()


@dataclass
class Plan:
    """What the lock says of the race."""

    deployments: list
    beside: set
    functions: list
    flows: list
    images: list
    passes_per_image: int
    cost: dict
    price_date: str
    price_sha256: str

    @classmethod
    def read(cls, path):
        with open(path, "rb") as file:
            lock = tomllib.load(file)
        race = lock["race"]
        return cls(
            deployments=[Deployment.parse(text) for text in race["deployments"]],
            beside={one["name"] for one in lock["study"].get("variant", []) if one.get("beside")},
            functions=race["functions"],
            flows=race["flows"],
            images=race["images"],
            passes_per_image=race["passes_per_image"],
            cost=lock["study"]["cost"],
            price_date=lock["price_book"]["date"],
            price_sha256=lock["price_book"]["sha256"],
        )

    def judged(self):
        """The deployments that are compared: without those that are raced beside the others."""
        return [one for one in self.deployments if one.variant not in self.beside]

    def leave_out_emulated(self, passes):
        """Leaves out the local deployments of an architecture that nothing local was raced on.

        A local platform races its machine's own architecture; code for another is checked under an
        emulator, gets no row here and no verdict, since emulated time is no time.
        """
        native = {
            one.deployment.architecture for one in passes if one.deployment.platform == "local"
        }
        self.deployments = [
            deployment
            for deployment in self.deployments
            if deployment.platform != "local" or not native or deployment.architecture in native
        ]


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def read_passes(path, orchestration="client"):
    """Every pass by the client, or another, each with its calls in the order of the file."""
    passes = defaultdict(Pass)
    for row in read_rows(path):
        if row.get("orchestration", "client") != orchestration:
            continue
        call = Call(
            deployment=Deployment(
                row["variant"],
                row["sample"],
                row["platform"],
                row["architecture"],
                int(row["memory_mb"]),
            ),
            flow=row["flow"],
            phase=row["phase"],
            round=int(row["round"]),
            image=row["image"],
            function=row["function"],
            state=row["state"],
            status=row["status"],
            figures={figure: number(row[figure]) for figure in FIGURES},
        )
        passes[row["pass"]].calls.append(call)
    if orchestration != "client":
        add_executions(passes, path.parent / "passes.csv")
    return list(passes.values())


def add_executions(passes, path):
    """Beside its calls a pass by a state machine has a turnaround, a status and an execution."""
    for row in read_rows(path):
        if row["pass"] in passes:
            one = passes[row["pass"]]
            one.measured_s = number(row["turnaround_s"])
            columns = "execution_ms execution_billed_ms execution_memory_mb".split()
            one.execution = {column: number(row[column]) for column in columns}
