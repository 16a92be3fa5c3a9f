"""The pipeline over many pictures at once: `process --on aws` against MiniStack, output by output."""

import hashlib
import json
import signal
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import judge
import wrong

IN, OUT = "holiday-pictures", "holiday-outputs"
VARIANT = "pillow"
FUNCTIONS = ["greyscale", "resize", "depth", "rotate", "convert"]
ENDINGS = {"greyscale": "jpg", "resize": "png", "depth": "png", "rotate": "jpg", "convert": "png"}

# Pictures that are all different, as small as pictures are.
DRAW = """
import random, sys
from pathlib import Path
from PIL import Image

folder, count = Path(sys.argv[1]), int(sys.argv[2])
for number in range(count):
    random.seed(number)
    low = Image.new("RGB", (5, 4))
    low.putdata([tuple(random.randrange(256) for _ in range(3)) for _ in range(20)])
    picture = low.resize((48 + number % 17, 36 + number % 13), Image.Resampling.BICUBIC)
    picture.save(folder / f"{number:05}.jpg", quality=92)
"""


class Scale:
    """Pictures in a bucket, and photofinish at work on them."""

    def __init__(self, photofinish, folder, between, upstream, variables):
        self.photofinish, self.folder, self.between = photofinish, Path(folder), between
        self.s3, self.upstream, self.variables = wrong.client("s3", upstream), upstream, variables
        self.faults = []

    def draw(self, python, count):
        pictures = self.folder / "pictures"
        pictures.mkdir()
        subprocess.run([python, "-c", DRAW, pictures, str(count)], check=True)
        for bucket in (IN, OUT):
            self.s3.create_bucket(Bucket=bucket)
        for path in sorted(pictures.iterdir()):
            self.s3.put_object(Bucket=IN, Key=f"year/{path.name}", Body=path.read_bytes())
        # What is no picture by its name, and what is none by its bytes.
        self.s3.put_object(Bucket=IN, Key="year/notes.txt", Body=b"not a picture")
        self.s3.put_object(Bucket=IN, Key="year/broken.jpg", Body=b"not a picture")

    def process(self, *more):
        """The command; its exit code, what it prints as JSON, and what it says."""
        command = [self.photofinish, "process", "--on", "aws", "--variant", VARIANT, "--json",
                   *more, f"s3://{IN}/year", f"s3://{OUT}/made"]
        done = subprocess.run(command, cwd=self.folder, env=self.variables(self.between.url),
                              capture_output=True, text=True, timeout=3000)
        told = json.loads(done.stdout) if done.stdout else {}
        return done.returncode, told, done.stderr

    def interrupted(self):
        """Begun and, once the first batches are through, stopped by Ctrl-C; its exit code."""
        command = [self.photofinish, "process", "--on", "aws", "--variant", VARIANT, "--yes",
                   "--jobs", "2", f"s3://{IN}/year", f"s3://{OUT}/made"]
        with subprocess.Popen(command, cwd=self.folder, env=self.variables(self.between.url),
                              stderr=subprocess.PIPE, text=True) as begun:
            for line in begun.stderr:
                if line.strip().startswith("process "):
                    begun.send_signal(signal.SIGINT)
                    break
            begun.stderr.read()
        return begun.returncode

    def expect(self, what, found, wanted):
        if found != wanted:
            self.faults.append(f"{what} is {found!r}, not {wanted!r}")

    def keys(self, bucket, prefix):
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [one["Key"] for page in pages for one in page.get("Contents", [])]

    def work_bucket(self):
        names = [one["Name"] for one in self.s3.list_buckets()["Buckets"]]
        return next(name for name in names if name.startswith("pf-") and "-work-" in name)

    def check(self, count):
        """Every output of every function, by `photofinish check`."""
        bucket = self.work_bucket()
        with ThreadPoolExecutor(max_workers=4) as pool:
            for fault in pool.map(lambda number: self.check_one(bucket, number), range(count)):
                self.faults += fault

    def check_one(self, bucket, number):
        key = f"year/{number:05}.jpg"
        identity = hashlib.sha256(key.encode()).hexdigest()[:32]
        given, faults = self.folder / "pictures" / f"{number:05}.jpg", []
        for function in FUNCTIONS:
            made = self.folder / f"{number:05}-{function}.{ENDINGS[function]}"
            last = function == FUNCTIONS[-1]
            where = (OUT, f"made/{number:05}.png") if last else (
                bucket, f"passes/{identity}/{function}.{ENDINGS[function]}")
            made.write_bytes(self.s3.get_object(Bucket=where[0], Key=where[1])["Body"].read())
            done = subprocess.run([self.photofinish, "check", "--function", function, given, made],
                                  capture_output=True, text=True)
            if done.returncode:
                faults.append(f"{key}: {function} is wrong: {done.stdout[-300:]}")
            given = made
        return faults


def at_scale(photofinish, upstream, python, variables, left, remainder, count):
    """So many pictures by a state machine; what was wrong with it."""
    with tempfile.TemporaryDirectory() as folder, judge.Judge(upstream) as between:
        scale = Scale(photofinish, folder, between, upstream, variables)
        scale.draw(python, count)
        code, plan, told = scale.process("--plan")
        scale.expect("the plan's exit", code, 0)
        scale.expect("the plan's images", plan.get("images"), count + 1)
        scale.expect("what planning makes", [one for one in between.count if "Create" in one], [])
        code, _, told = scale.process()
        scale.expect("the exit without consent", code, 2)

        code, outcome, told = scale.process("--yes", "--keep", "--jobs", "8")
        scale.expect(f"the exit with a broken picture ({told[-1500:]})", code, 1)
        scale.expect("what was made", outcome.get("made"), count)
        failed = [(one["key"], one["function"]) for one in outcome.get("failed", [])]
        scale.expect("what failed", failed, [("year/broken.jpg", "greyscale")])
        cost = outcome.get("cost") or {}
        scale.expect("the calls reported", cost.get("calls_reported"), 5 * count + 1)
        scale.expect("the outputs", len(scale.keys(OUT, "made/")), count)
        if scale.faults:
            return sum(between.count.values()), scale.faults + between.faults
        scale.check(count)

        # Ctrl-C stops what costs and leaves nothing; the same command again makes what is not
        # there, and that alone.
        for number in range(20):
            scale.s3.delete_object(Bucket=OUT, Key=f"made/{number:05}.png")
        scale.s3.delete_object(Bucket=IN, Key="year/broken.jpg")
        scale.expect("the exit when interrupted", scale.interrupted(), 130)
        ours = [one for one in left(upstream) if "pf-" in one]
        scale.expect("what an interruption leaves", ours, [])
        missing = count - len(scale.keys(OUT, "made/"))
        scale.expect(f"that {missing} of 20 were left by it", 0 < missing < 20, True)
        code, outcome, told = scale.process("--yes", "--jobs", "8")
        scale.expect(f"the exit of the second time ({told[-1500:]})", code, 0)
        scale.expect("what was made again", (outcome.get("made"), outcome.get("made_before")),
                     (missing, count - missing))
        for bucket in (IN, OUT):
            for key in scale.keys(bucket, ""):
                scale.s3.delete_object(Bucket=bucket, Key=key)
            scale.s3.delete_bucket(Bucket=bucket)
        print(between.table())
        return sum(between.count.values()), scale.faults + remainder(between, scale, upstream)
