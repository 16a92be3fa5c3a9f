#!/usr/bin/env python3
"""Our client of AWS before independent judges: the published service models and MiniStack.

    tests/aws/run.py PHOTOFINISH [--every-fault] [PART…]

PHOTOFINISH is the built program. PARTs are judge, prices, spike, images, whole, limited,
orchestrated, scale and walk; all of them unless some are named. First the judge is judged: it must notice every wrong request and
no right one. Then a study is run on what takes itself for AWS, and destroyed: every request must be
valid, nothing may be left, no policy may be wider than it must be, no secret may lie in the study's
directory. A race is driven into its budget's limit, and what it spent is counted again from its
journal. A thousand pictures go through a state machine, and each output of each function through
`photofinish check`. Then a deployment is repeated with a fault at one operation after another;
--every-fault lets each call meet each fault, which takes an hour. Everything is on loopback. No timing
means anything here.
"""

import csv
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import environment

if Path(sys.prefix).resolve() != environment.python().parent.parent.resolve():
    python = environment.python()
    os.execv(python, [str(python), *sys.argv])

import boto3  # noqa: E402

import judge  # noqa: E402
import ledger  # noqa: E402
import ministack  # noqa: E402
import price_list  # noqa: E402
import registry  # noqa: E402
import scale  # noqa: E402
import wrong  # noqa: E402

SECRET = judge.KEYS["AKIAIOSFODNN7EXAMPLE"]
RECOMPUTE = environment.HERE.parent / "recompute/run"
BUNDLED = environment.HERE.parents[1] / "crates/assets/applications/image-pipeline/variants"

# The study that the project was made for, with stand-ins for its models, and as short as it can be.
WHOLE = """application = "image-pipeline"
demonstration = true
passes = 1
rounds = 1
warm_up = 0
stages = 1
pilot = 1
images = ["coffee"]

[[variant]]
name = "pillow"
source = "pillow"

[[variant]]
name = "numpy"
source = "numpy"

[[variant]]
name = "by-hand"
source = "by-hand"

[[target]]
platform = "aws"
region = "us-east-1"
architecture = ["x86_64", "arm64"]
memory_mb = [1769]

[budget]
limit_usd = 5.00
alarm_email = "me@example.org"
"""

# The pipeline by the client and by a state machine.
ORCHESTRATED = """application = "image-pipeline"
demonstration = true
passes = 1
rounds = 1
pilot = 0
warm_up = 1
stages = 0
flow = ["chained"]
orchestration = ["client", "step-functions"]
images = ["coffee"]

[[variant]]
name = "pillow"
source = "pillow"

[[variant]]
name = "numpy"
source = "numpy"

[[target]]
platform = "aws"
region = "us-east-1"
memory_mb = [1769]

[budget]
limit_usd = 1.00

[cost]  # MiniStack reports no inits
cold_share = 0.0
"""

# One function and one layer.
SPIKE = """application = "image-pipeline"
spike = true
functions = ["greyscale"]

[[variant]]
name = "pillow"
source = "pillow"

[[target]]
platform = "aws"
region = "us-east-1"
memory_mb = [1769]
"""

# The same as an image: what is pushed is what is run.
IMAGES = SPIKE.replace("spike = true\n", "").replace('memory_mb = [1769]', """memory_mb = [1769]
package = "image"

[budget]
limit_usd = 5.00
""").replace('functions = ["greyscale"]', """functions = ["greyscale"]
demonstration = true
passes = 1
rounds = 1
warm_up = 0
stages = 1
pilot = 1
images = ["coffee"]""")

# As little as can be deployed: whatever it does, it is not called.
SMALL = SPIKE.replace('"pillow"\n\n', '"by-hand"\n\n')
HANDLER = "def lambda_handler(event, context):\n    return event\n"

# How many pictures are processed at scale.
PICTURES = 1000

# A whole name, what is below it, or everything whose name begins as a study's do.
BELOW_A_NAME = r"arn:[^*]*([^*:/-]|pf-[^*:/]+-[0-9a-f]{8}-\*)([:/]\*|:log-stream:\*)?"

# What must not be left: service, operation, where the names are.
LISTED = [
    ("lambda", "list_functions", "Functions[].FunctionName"),
    ("lambda", "list_layers", "Layers[].LayerName"),
    ("s3", "list_buckets", "Buckets[].Name"),
    ("iam", "list_roles", "Roles[].RoleName"),
    ("logs", "describe_log_groups", "logGroups[].logGroupName"),
    ("cloudwatch", "describe_alarms", "MetricAlarms[].AlarmName"),
    ("sns", "list_topics", "Topics[].TopicArn"),
    ("ecr", "describe_repositories", "repositories[].repositoryName"),
    ("stepfunctions", "list_state_machines", "stateMachines[].name"),
]


def variables(url):
    """The environment of somebody whose AWS is at that address."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {**bare, "AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "NO_COLOR": "1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true"}


@contextmanager
def serving(command, environment_of=lambda port: None):
    """A server on loopback, and its address; it ends with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen([str(part).format(port=port) for part in command],
                              env=environment_of(port), stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if server.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {server.returncode}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def left(url):
    """What is in the account, by the server's own account of it."""
    found = []
    for service, operation, path in LISTED:
        client = wrong.client(service, url)
        answer = getattr(client, operation)()
        some, _, field = path.partition("[].")
        found += [f"{service} {one[field]}" for one in answer.get(some, [])]
    budgets = wrong.client("budgets", url).describe_budgets(AccountId=account(url))
    return found + [f"budget {one['BudgetName']}" for one in budgets.get("Budgets", [])]


def account(url):
    return wrong.client("sts", url).get_caller_identity()["Account"]


def wide(policies):
    """Statements that allow more than they must: any action, or anything that is not below a name."""
    for operation, text in policies:
        statements = json.loads(text)["Statement"]
        for statement in statements if isinstance(statements, list) else [statements]:
            for action in several(statement.get("Action")):
                if "*" in action:
                    yield f"{operation} allows {action}"
            for resource in several(statement.get("Resource")):
                if not re.fullmatch(BELOW_A_NAME, resource):
                    yield f"{operation} allows {statement.get('Action')} on {resource}"


def several(value):
    return value if isinstance(value, list) else [value] if value is not None else []


def secrets(folder):
    for path in sorted(folder.rglob("*")):
        for secret in (SECRET, registry.TOKEN):
            if path.is_file() and secret.encode() in path.read_bytes():
                yield f"a secret is in {path.relative_to(folder)}"


class Study:
    """A study on AWS in a folder of its own, and photofinish at work on it."""

    def __init__(self, photofinish, folder, text):
        self.photofinish, self.folder, self.faults = photofinish, Path(folder), []
        (self.folder / "study.toml").write_text(text)

    def by_hand(self, function, code):
        """The code of a function of the variant whose source is a folder."""
        path = self.folder / "by-hand" / function / "lambda_function.py"
        path.parent.mkdir(parents=True)
        path.write_text(code)

    def change(self, line):
        """Another limit."""
        path = self.folder / "study.toml"
        path.write_text(re.sub("limit_usd = .*", line, path.read_text()))

    def planned(self):
        """The fingerprint of what is measured."""
        code, told = self.work("plan", "http://127.0.0.1:9", "--json")
        return json.loads(told)["fingerprint"] if code == 0 else told

    def work(self, command, url, *more, study="study.toml"):
        named = [study] if study else []
        done = subprocess.run([self.photofinish, command, *named, *more], cwd=self.folder,
                              env=variables(url), capture_output=True, text=True, timeout=1500)
        return done.returncode, done.stdout + done.stderr

    def must(self, command, url, *words):
        """The command must be done, and say so."""
        code, told = self.work(command, url)
        if code or not all(word in told for word in words):
            self.faults.append(f"{command} ends with {code}: {told[-2000:]}")


# A race of several rounds, to be driven into its limit: two deployments of two functions.
LIMITED = """application = "image-pipeline"
demonstration = true
functions = ["greyscale", "resize"]
flow = ["chained"]
passes = 24
rounds = 12
stages = 0
images = ["coffee"]

[[variant]]
name = "pillow"
source = "pillow"

[[target]]
platform = "aws"
region = "us-east-1"
memory_mb = [1769]
architecture = ["x86_64", "arm64"]
concurrency = 2

[budget]
limit_usd = LIMIT
"""


def limited(photofinish, upstream):
    """A race that meets its limit, with answers that are lost on the way; what was wrong with it."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream) as between:
        study = Study(photofinish, folder, LIMITED.replace("LIMIT", "100.0"))
        journal = study.folder / "results/study/journal.sqlite"
        prices = ledger.prices(BUNDLED.parents[2] / "prices/aws-2026-09.toml")
        study.must("pilot", between.url, "3 rounds in the journal", "is expected to cost $")
        # What a round of the pilot costs whatever time its calls take: the race's twelve are half as
        # large again, and pass the room that is left for some of them and for a lost answer.
        least_usd = ledger.pilot_round(journal, prices)
        before = ledger.spent(journal, prices)
        limit = before + 6 * least_usd + ledger.most_usd(prices, "x86_64", 1769)
        study.change(f"limit_usd = {limit:.6f}")
        code, told = study.work("run", between.url)
        if code != 4 or "is expected to cost" not in told or ledger.rounds(journal):
            study.faults.append(f"a race beyond the budget is begun unasked: {code}, {told[-800:]}")
        # The second call of the second round's first block; before it the warm-up and a distance.
        between.inject_into("lost", "lambda:Invoke", [20])
        code, told = study.work("run", between.url, "--yes")
        study.faults += stopped(code, told, journal, prices, limit, len(between.injected))
        if len(between.injected) != 1:
            study.faults.append(f"{len(between.injected)} answers were lost, not 1")
        begun = ledger.rounds(journal)
        study.change("limit_usd = 100.0")
        study.must("run", between.url)
        if not ledger.rounds(journal) == 12 > begun > 1:
            study.faults.append(f"{begun} rounds, then {ledger.rounds(journal)}, of 12")
        study.faults += refused_anew(study, between.url, ledger.spent(journal, prices))
        journal = max(study.folder.glob("results/study/earlier/*/journal.sqlite"))
        if not ledger.side_by_side(journal):
            study.faults.append("no two passes of a block were ever under way at once")
        study.must("destroy", between.url, "removed function")
        return sum(between.count.values()), study.faults + remainder(between, study, upstream)


def refused_anew(study, url, spent):
    """What is wrong with how a study is begun again that has spent its budget: what was put aside
    was spent, and nothing more is checked."""
    study.change(f"limit_usd = {spent:.6f}")
    code, told = study.work("pilot", url, "--fresh")
    said = re.search(r"checking .* may cost \$[0-9.]+, and .* about \$([0-9.]+) is spent", told)
    if code != 4 or not said or abs(float(said.group(1)) - spent) > 0.001:
        yield f"begun anew after ${spent:.4f} it ends with {code}: {told[-800:]}"


def stopped(code, told, journal, prices, limit, lost):
    """What is wrong with how a race was stopped by its limit."""
    spent = ledger.spent(journal, prices)
    said = re.search(r"the next round may cost \$([0-9.]+), and of the budget of \$[0-9.]+ about "
                     r"\$([0-9.]+) is spent", told)
    if code != 4 or not said:
        return [f"a race beyond its limit ends with {code}: {told[-800:]}"]
    faults = []
    ahead, counted = map(float, said.groups())
    if abs(counted - spent) > 0.00006:
        faults.append(f"${counted} is said to be spent; by the journal it is ${spent:.6f}")
    if ahead + counted <= limit:
        faults.append(f"${ahead} and ${counted} do not pass ${limit}")
    if spent > limit + ledger.dearest_round(journal, prices):
        faults.append(f"${spent} is more than a round beyond ${limit}")
    if ledger.doubtful(journal) != lost:
        faults.append(f"{ledger.doubtful(journal)} calls in doubt, {lost} lost")
    return faults


def asked_prices(photofinish):
    """Today's prices out of the price list, and what is not clear in it; what was wrong."""
    with tempfile.TemporaryDirectory() as folder:
        study = Study(photofinish, folder, SMALL)
        study.by_hand("greyscale", HANDLER)
        with price_list.PriceList() as listed, judge.Judge(listed.url) as between:
            code, told = study.work("prices", between.url, "--refresh", study=None)
            requests, faults = sum(between.count.values()), study.faults + between.faults
        book = study.folder / f"prices/aws-{price_list.PUBLISHED}-us-east-1.toml"
        if code or not book.exists():
            return requests, [*faults, f"prices --refresh ends with {code}: {told[-800:]}"]
        faults += other_prices(ledger.prices(book))
        # The same study, by these prices: same race, other book.
        before = study.planned()
        with open(study.folder / "study.toml", "a") as text:
            text.write(f'\n[cost]\nprices = "prices/{book.name}"\n')
        if study.planned() != before:
            faults.append("other prices are another study")
        code, told = study.work("prices", listed.url)
        if code or price_list.PUBLISHED not in told or "SKU L2" not in told:
            faults.append(f"prices of the study ends with {code}: {told[-800:]}")
        for what, offers in unclear():
            with price_list.PriceList(offers) as listed:
                code, told = study.work("prices", listed.url, "--refresh", "--into", "no", study=None)
            if code != 5 or (study.folder / "no").exists():
                faults.append(f"{what}: ends with {code}: {told[-400:]}")
        return requests, faults


def other_prices(book):
    """Where a book that was read differs from the bundled one, which has the same prices."""
    bundled = ledger.prices(BUNDLED.parents[2] / "prices/aws-2026-09.toml")
    there = {one["name"]: one for one in bundled["other"]}
    pairs = [(book["lambda"]["requests"], bundled["lambda"]["requests"]),
             (book["logs"]["ingestion"], bundled["logs"]["ingestion"]),
             (book["transfer"]["out"], bundled["transfer"]["out"])]
    pairs += [(book["s3"][name], bundled["s3"][name]) for name in ("put", "get", "storage")]
    pairs += [(one, there[one["name"]]) for one in book["other"]]
    for ours, theirs in pairs:
        if abs(ledger.unit(ours) / ledger.unit(theirs) - 1) > 1e-9:
            yield f"{ours} is not {theirs}"
    for name in ("x86_64", "arm64"):
        if book["lambda"][name]["tiers"] != bundled["lambda"][name]["tiers"]:
            yield f"{book['lambda'][name]} is not {bundled['lambda'][name]}"


def unclear():
    """Price lists out of which no book may be made, and why."""
    without = [one for one in price_list.OFFERS if one["product"]["sku"] != "S2"]
    yield "a price is missing", without
    twice = price_list.offer("S9", "AmazonS3", "Requests-Tier2", "Requests", [(0, 0.1)],
                             group="S3-API-Tier2")
    yield "two offers can be meant", [*price_list.OFFERS, twice]
    thousands = price_list.offer("S9", "AmazonS3", "Requests-Tier2", "1000 Requests", [(0, 0.1)],
                                 group="S3-API-Tier2")
    yield "a price is of another unit", [*without, thousands]
    euros = json.loads(json.dumps(twice).replace('"USD"', '"EUR"'))
    yield "a price is in another currency", [*without, euros]
    hole = json.loads(json.dumps(twice).replace('"Inf"', '"100"'))
    yield "a price has an end", [*without, hole]
    dearer = price_list.offer("L9", "AWSLambda", "Request-ARM", "Requests", [(0, 0.0000003)],
                              group="AWS-Lambda-Requests-ARM")
    yield "requests cost more on ARM", [
        dearer if one["product"]["sku"] == "L4" else one for one in price_list.OFFERS]


def spike(photofinish, upstream):
    """The feasibility spike; what was wrong with it."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream) as between:
        study = Study(photofinish, folder, SPIKE)
        study.must("run", between.url, "yes: Pillow", "its output passes the contract")
        study.must("destroy", between.url, "removed function", "removed role")
        return sum(between.count.values()), study.faults + remainder(between, study, upstream)


def images(photofinish, upstream, url):
    """A study of container images, pushed to a registry and run from it; what was wrong with it."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream, images=url) as between:
        study = Study(photofinish, folder, IMAGES)
        study.must("run", between.url, "1 image pushed")
        study.must("deploy", between.url, "0 images pushed", "the rest was there")
        study.must("destroy", between.url, "removed function", "removed repository", "its images")
        found = remainder(between, study, upstream)
        return sum(between.count.values()), study.faults + found


def whole(photofinish, upstream):
    """A study from end to end; what was wrong with it."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream) as between:
        study = Study(photofinish, folder, WHOLE)
        for path in sorted((BUNDLED / "pillow").glob("*/lambda_function.py")):
            study.by_hand(path.parent.name, path.read_text())
        study.must("plan", between.url, "6 of 5 functions")
        study.must("run", between.url)
        if not list(study.folder.rglob("report/index.html")):
            study.faults.append("there is no report")
        study.faults += measured(study)
        looks, calls = (between.count[name] for name in ("logs:FilterLogEvents", "lambda:Invoke"))
        if not 0 < looks <= calls:
            study.faults.append(f"{looks} looks for the reports of {calls} calls")
        study.must("run", between.url, "unchanged")
        study.must("destroy", between.url, "removed function", "removed role")
        study.must("destroy", between.url, "nothing of")
        print(between.table())
        return sum(between.count.values()), study.faults + remainder(between, study, upstream)


def orchestrated(photofinish, upstream):
    """A study that races state machines beside the client; what was wrong with it."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream) as between:
        study = Study(photofinish, folder, ORCHESTRATED)
        study.must("plan", between.url, "step-functions")
        study.must("run", between.url, "2 state machines in place")
        study.faults += machines(study, between)
        figures = [RECOMPUTE, photofinish, study.folder / "results/study", "--figures-only"]
        recomputed = subprocess.run(figures, capture_output=True, text=True)
        if recomputed.returncode:
            study.faults.append(f"figures: {recomputed.stdout[-500:]}{recomputed.stderr[-1500:]}")
        study.must("run", between.url, "unchanged")
        study.must("destroy", between.url, "removed state machine", "removed role")
        return sum(between.count.values()), study.faults + remainder(between, study, upstream)


def machines(study, between):
    """What is wrong with what was found of the state machines."""
    data = study.folder / "results/study/report/data"
    if not (data / "orchestration.csv").exists():
        yield "there is no orchestration.csv"
        return
    passes, rows = (rows_of(data / name) for name in ("passes.csv", "orchestration.csv"))
    by = [one for one in passes if one["orchestration"] == "step-functions"]
    started = between.count["stepfunctions:StartSyncExecution"]
    if len(by) != 4 or started != len(by):
        yield f"{started} executions for {len(by)} passes, not 2 of the race and 2 to warm up"
    for one in by:
        if one["status"] != "ok" or not one["turnaround_s"] or not one["execution_ms"]:
            yield f"a pass by a state machine: {one}"
    calls = [one for one in rows_of(data / "invocations.csv")
             if one["orchestration"] == "step-functions"]
    if len(calls) != 20 or any(one["client_ms"] or not one["duration_ms"] for one in calls):
        yield f"{len(calls)} calls by state machines, not 20 with their REPORTs"
    for row in rows:
        if not all(row[column] for column in ("client_s", "machine_s", "express_usd")):
            yield f"a row without its figures: {row}"
    page = (study.folder / "results/study/report/index.html").read_text()
    if len(rows) != 2 or "What a state machine adds" not in page:
        yield f"{len(rows)} rows, and a page that does not show them"


def rows_of(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def measured(study):
    """What the journal and the page lack of the client's own place and distance."""
    journal = study.folder / "results/study/journal.sqlite"
    measured, partly = ledger.distances(journal)
    if measured != ledger.blocks(journal) or partly:
        yield f"{measured} distances, {partly} of them in part, of {ledger.blocks(journal)} blocks"
    if ledger.side_by_side(journal):
        yield "passes of a block were under way at once, which nobody had asked for"
    place = ledger.place(journal)
    page = (study.folder / "results/study/report/index.html").read_text()
    if not place or place not in page or "The client's distance" not in page.replace("&#39;", "'"):
        yield f"the page tells nothing of the client, which is {place}"


def remainder(between, study, upstream):
    """What a study that was destroyed should not have left or asked for."""
    yet = [f"left behind: {one}" for one in left(upstream)]
    return [*yet, *between.faults, *wide(between.policies), *secrets(study.folder)]


def walk(photofinish, upstream, every):
    """A deployment with a fault at each call: it goes on or fails clearly, and nothing is left."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream) as between:
        study = Study(photofinish, folder, SMALL)
        study.by_hand("greyscale", HANDLER)
        between.inject("none", 0)
        study.must("deploy", between.url)
        names, faults = list(between.seen), study.faults
        study.must("destroy", between.url)
        met = 0
        for at in range(1, len(names) + 1):
            for fault in meets(at, names, every):
                met += 1
                between.inject(fault, at)
                code, told = study.work("deploy", between.url)
                what = f"{fault} at call {at}, {' '.join(name for _, name in between.injected)}"
                if code not in (0, 5):
                    faults.append(f"{what}: deploy ends with {code}: {told[-500:]}")
                code, told = study.work("destroy", between.url)
                if code:
                    faults.append(f"{what}: destroy ends with {code}: {told[-500:]}")
                faults += [f"{what}: left behind: {one}" for one in left(upstream)]
        return met, faults + between.faults


def meets(at, names, every):
    """The faults that a call meets. Unless every call is to meet each, it is the first of each
    operation that meets one. What makes something loses its answer, since then something is there
    that the client does not know of; the others take turns."""
    if every:
        return judge.FAULTS
    name = names[at - 1]
    if name in names[:at - 1]:
        return []
    makes = name.partition(":")[2].startswith(("Create", "Publish", "Put"))
    return ["lost" if makes else judge.FAULTS[at % 3]]


def parts(photofinish, start, every):
    """Each part: its name, what it says that it counts, and what does it, given MiniStack's address
    and the registry's."""
    def judged(_, __):
        with wrong.nobody() as nobody, judge.Judge(nobody) as between:
            ill, right, mistakes = wrong.judged(between)
        return ill + right, mistakes

    def at_scale(upstream, _):
        return scale.at_scale(photofinish, upstream, start.with_name("python3.14"), variables, left,
                              remainder, PICTURES)

    return [
        ("judge", "the judge: wrong and right requests", judged),
        ("prices", "the price list: requests", lambda *_: asked_prices(photofinish)),
        ("spike", "the spike on MiniStack: requests", lambda up, _: spike(photofinish, up)),
        ("images", "a study of images on MiniStack: requests",
         lambda up, url: images(photofinish, up, url)),
        ("whole", "a study on MiniStack: requests", lambda up, _: whole(photofinish, up)),
        ("limited", "a race into its limit: requests", lambda up, _: limited(photofinish, up)),
        ("orchestrated", "state machines on MiniStack: requests",
         lambda up, _: orchestrated(photofinish, up)),
        ("scale", "a thousand pictures on MiniStack: requests", at_scale),
        ("walk", "a fault at each call of deploy", lambda up, _: walk(photofinish, up, every)),
    ]


def main():
    every = "--every-fault" in sys.argv
    given = [word for word in sys.argv[1:] if word != "--every-fault"]
    if not given:
        raise SystemExit(__doc__)
    photofinish, wanted = Path(given[0]).resolve(), given[1:]
    start = ministack.installed()
    all_parts = parts(photofinish, start, every)
    if unknown := set(wanted) - {name for name, _, _ in all_parts}:
        raise SystemExit(f"no part is named {', '.join(sorted(unknown))}\n\n{__doc__}")
    faults = []
    with registry.serving() as url, serving(
            [start], lambda port: ministack.environment(port, REGISTRY=url,
                                                        REGISTRY_PY=registry.__file__)) as upstream:
        for name, what, work in all_parts:
            if wanted and name not in wanted:
                continue
            began = time.monotonic()
            number, found = work(upstream, url)
            took = f"{time.monotonic() - began:.0f} s"
            print(f"{what:44} {number:6} {len(found):4} faults {took:>7}", flush=True)
            faults += [f"{name}: {fault}" for fault in found]
    for fault in faults:
        print(f"FAULT: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
