#!/usr/bin/env python3
"""Pillow, OpenCV and numpy against the reference, through the contract, on real and generated
pictures.

    agree.py JUDGE CONTRACT FOLDER [--table FILE]

JUDGE is the example of that name in crates/verify, FOLDER what pictures.py unpacked. Exits 1 if an
output of a library is rejected, if decoded pixels are further apart than they may be, if a picture
is taken by one side and refused by the other without being listed here, or if a wrong output made
on purpose is accepted.
"""

import argparse
import io
import json
import math
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter, defaultdict
from multiprocessing import Pool
from pathlib import Path

import cv2
import numpy as np
import PIL
from PIL import Image

import libraries
from generate import generated
from libraries import LIBRARIES

# Most levels that decoded pixels may be from Pillow's and OpenCV's, which are libjpeg-turbo's.
DECODED = 0
# Only decoded, with the grey that follows from it: drawings and screenshots by the hundred.
ONLY_DECODED = ("opencv-python-headless/opencv/doc/", "wand/docs/", "thumbor/docs/")
# More pixels than this take this run more time than they tell.
MOST_PIXELS = 25_000_000
# Real pictures looked at: a fixed choice, each package's files in the order of their SHA-256, one
# package after the other until there are enough.
REAL = 120
# What one side takes and the other refuses, and why that is right: part of a path → part of our
# words, or `taken`.
KNOWN = {}

warnings.simplefilter("ignore")
Image.MAX_IMAGE_PIXELS = None
cv2.setNumThreads(1)


class Judge:
    """The reference at the other end of a pipe."""

    def __init__(self, command, contract):
        self.process = subprocess.Popen(
            [command, contract], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.folder = Path(tempfile.mkdtemp(dir=os.environ.get("SCRATCH")))

    def ask(self, *fields):
        self.process.stdin.write("\t".join(map(str, fields)) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def judge(self, function, content, output):
        (self.folder / "input").write_bytes(content)
        (self.folder / "output").write_bytes(output)
        return self.ask("judge", function, self.folder / "input", self.folder / "output")

    def make(self, function, content):
        """What the reference makes of it, or its error in words."""
        (self.folder / "input").write_bytes(content)
        answer = self.ask("make", function, self.folder / "input", self.folder / "made")
        return answer.get("error") or (self.folder / "made").read_bytes()

    def pixels(self, kind, content):
        """The samples, or the error in words."""
        (self.folder / "input").write_bytes(content)
        answer = self.ask("pixels", kind, self.folder / "input", self.folder / "made")
        if "error" in answer:
            return answer["error"]
        shape = (answer["height"], answer["width"], 3 if kind == "rgb" else 1)
        return np.fromfile(self.folder / "made", np.uint8).reshape(shape)


class Look:
    """What is found on one picture."""

    def __init__(self, judge, name, kind, content):
        self.judge, self.name, self.kind, self.content = judge, name, kind, content
        self.checks = []      # function, library, check, value, limit
        self.figures = []     # measure, library, worst, mean
        self.outside = []     # what is wrong, in words
        self.apart = None     # why it was not compared

    def found(self):
        return (self.name, self.kind, self.checks, self.figures, self.outside, self.apart)

    def figure(self, measure, library, ours, theirs, most=None):
        difference = np.abs(ours.astype(np.float64) - theirs.astype(np.float64))
        worst, mean = float(difference.max()), float(difference.mean())
        self.figures.append((measure, library, worst, mean))
        if most is not None and worst > most:
            self.outside.append(f"{measure}: {worst:g} from {library}, mean {mean:.3f}")

    def hold(self, function, content):
        """Every library's output judged; Pillow's is the next function's input."""
        outputs = {}
        for library, functions in LIBRARIES.items():
            output = outputs[library] = functions[function](content)
            judgement = self.judge.judge(function, content, output)
            if not judgement.get("accepted"):
                reason = judgement.get("error") or judgement["reason"]
                self.outside.append(f"{function} by {library} is rejected: {reason}")
            for check in judgement.get("checks", []):
                if check["limit"] is not None:
                    # JSON has no infinity, which is the PSNR of equal pictures.
                    value = math.inf if check["value"] is None else check["value"]
                    self.checks.append((function, library, check["name"], value, check["limit"]))
        return outputs["pillow"]

    def refused(self, said, loaded):
        """One side refuses: apart, and right only if the other does too or it is known."""
        self.apart = f"ours: {said}; Pillow: {loaded}"
        known = next((why for path, why in KNOWN.items() if path in self.name), None)
        if known is not None and known in said:
            return
        if "CMYK" in loaded and "CMYK" in said:
            return
        if said == "taken" or not loaded.startswith("refuses"):
            self.outside.append(f"one side takes it and the other does not: {self.apart}")

    def jpeg(self):
        loaded, image = pillow_loads(self.content)
        if image is not None and image.width * image.height > MOST_PIXELS:
            self.apart = f"{image.width}x{image.height} pixels take too long here"
            return
        grey = image is not None and image.mode == "L"
        ours = self.judge.pixels("grey" if grey else "rgb", self.content)
        if isinstance(ours, str) or image is None or image.mode not in ("L", "RGB"):
            self.refused(ours if isinstance(ours, str) else "taken", loaded)
            return
        sampling = "grey" if grey else sampling_of(image)
        measure = f"decoded {sampling}"
        self.figure(measure, "pillow", ours.squeeze(), np.asarray(image).squeeze(), DECODED)
        flags = cv2.IMREAD_GRAYSCALE if grey else cv2.IMREAD_COLOR_RGB
        theirs = libraries.cv_read(self.content, flags | cv2.IMREAD_IGNORE_ORIENTATION)
        self.figure(measure, "opencv", ours.squeeze(), theirs.squeeze(), DECODED)
        luma = libraries.numpy_luma(self.content)
        made = self.judge.make("greyscale", self.content)
        self.figure("greyscale, decoded again", "numpy", decoded(made), luma)
        upright = self.hold("greyscale", self.content)
        if self.name.startswith(ONLY_DECODED):
            return
        self.chain(self.content if grey and orientation(image) == 1 else upright)

    def chain(self, grey):
        """The other four, each on what Pillow made of the one before."""
        self.resized(grey)
        codes = self.hold("resize", grey)
        levels = self.depth(codes)
        turned = self.rotate(levels)
        for jpeg in {grey, turned}:
            self.hold("convert", jpeg)
            made = decoded(self.judge.make("convert", jpeg))
            self.figure("convert", "pillow", made, decoded(jpeg), DECODED)

    def resized(self, grey):
        made = decoded(self.judge.make("resize", grey))
        image = libraries.opened(grey).convert("F")
        theirs = np.asarray(image.resize(libraries.SIZE, Image.Resampling.LANCZOS))
        codes = np.clip(theirs.astype(np.float64) * (1023 / 255), 0, 1023)
        # Rounded to a whole code, and Pillow's own sums are of single precision.
        self.figure("resize, codes of 10 bits", "pillow", made, codes, 0.51 + 5 * DECODED)

    def depth(self, codes):
        exact = (np.minimum(libraries.numpy_codes(codes), 1023) * 255 + 511) // 1023
        self.figure("depth", "numpy", decoded(self.judge.make("depth", codes)), exact, 0)
        return self.hold("depth", codes)

    def rotate(self, levels):
        right = np.rot90(decoded(levels), -1)
        ours = decoded(self.judge.make("rotate", levels)).astype(np.float64)
        theirs = decoded(libraries.pillow_rotate(levels)).astype(np.float64)
        # A JPEG is not exact: it is as near to the turned picture as Pillow's of that quality.
        self.figure("rotate, decoded again", "numpy", ours, right)
        apart = [float(np.sqrt(np.mean((made - right) ** 2))) for made in (ours, theirs)]
        self.figures.append(("rotate, error as a share of Pillow's", "pillow",
                             apart[0] / max(apart[1], 0.3), 0.0))
        return self.hold("rotate", levels)

    def png(self):
        header = self.content[24:26]
        loaded, image = pillow_loads(self.content)
        function = {b"\x08\0": "rotate", b"\x10\0": "depth"}.get(header, "rotate")
        made = self.judge.make(function, self.content)
        if isinstance(made, str):
            foreign = len(header) == 2 and header not in (b"\x08\0", b"\x10\0")
            if foreign and "is asked for" in made:
                self.apart = f"ours: {made}"
            else:
                self.refused(made, loaded)
        elif image is None:
            self.refused("taken", loaded)
        elif function == "depth":
            self.depth(self.content)
        else:
            self.rotate(self.content)


def pillow_loads(content):
    """What Pillow says, and the picture if it can be had."""
    try:
        image = libraries.opened(content)
        if image.width * image.height <= MOST_PIXELS:
            image.load()
    except Exception as error:
        return f"refuses: {type(error).__name__}: {str(error)[:60]}", None
    return f"takes it as {image.mode}", image


def orientation(image):
    return image.getexif().get(0x0112, 1)


def sampling_of(image):
    factors = [(across, down) for _, across, down, _ in image.layer]
    names = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0", (4, 1): "4:1:1", (1, 2): "4:4:0"}
    plain = len(factors) == 3 and factors[1] == factors[2] == (1, 1)
    return names.get(factors[0], "other") if plain else "other"


def decoded(content):
    """By Pillow, as stored; samples of 16 bits as they are."""
    if isinstance(content, str):
        raise ValueError(content)
    return np.asarray(Image.open(io.BytesIO(content)))


def look(task):
    name, kind, content = task
    content = content if isinstance(content, bytes) else Path(content).read_bytes()
    seen = Look(JUDGE, name, kind, content)
    try:
        seen.png() if name.lower().endswith(".png") else seen.jpeg()
    except Exception as error:
        seen.outside.append(f"{type(error).__name__}: {error}")
    return seen.found()


def begin(command, contract):
    global JUDGE
    JUDGE = Judge(command, contract)


def self_test(judge, tests):
    """Wrong outputs, made from generated pictures, that must be rejected; those that were not."""
    photograph = tests["saturated-0.jpg"]
    grey = libraries.pillow_greyscale(photograph)
    rgb = np.asarray(libraries.opened(photograph)) @ np.array([0.2126, 0.7152, 0.0722])
    nearest = libraries.opened(grey).resize(libraries.SIZE, Image.Resampling.NEAREST)
    nearest = np.asarray(nearest).astype(np.uint16) * 4
    clipped = np.minimum(libraries.numpy_codes(tests["codes.png"]), 255).astype(np.uint8)
    levels = libraries.opened(tests["levels-800x600.png"])
    inverted = 255 - decoded(grey)
    wrong = [
        ("greyscale", photograph, libraries.cv_write(".jpg", rgb.astype(np.uint8)), "BT.709"),
        ("resize", grey, libraries.png.write(nearest), "nearest"),
        ("depth", tests["codes.png"], libraries.png.write(clipped), "clipped"),
        ("rotate", tests["levels-800x600.png"],
         libraries.saved(levels.transpose(Image.Transpose.ROTATE_90), format="JPEG", quality=95),
         "counter-clockwise"),
        ("convert", grey, libraries.png.write(inverted), "inverted"),
    ]
    for function, content, output, word in wrong:
        judgement = judge.judge(function, content, output)
        reason = judgement.get("reason") or ""
        if judgement.get("accepted") is not False or word not in reason:
            yield f"a wrong {function} ({word}) is not rejected as such: {judgement}"


def chosen(folder):
    """Path and package of the REAL pictures."""
    packages = defaultdict(list)
    for row in (folder / "pictures.tsv").read_text().splitlines()[1:]:
        path, package, _, digest = row.split("\t")
        packages[package].append((digest, path))
    ranked = [(rank, package, path) for package, files in packages.items()
              for rank, (_, path) in enumerate(sorted(files))]
    return [(path, package) for _, package, path in sorted(ranked)[:REAL]]


def tasks(folder, made):
    for path, package in chosen(folder):
        yield path, f"real, {package.split('==')[0]}", str(folder / path)
    for name, kind, content in made:
        yield f"generated/{name}", f"generated, {kind}", content


def worst_of(rows):
    """Worst value over rows of one check: the lowest where the limit is a least, else the highest."""
    least = "dB" in rows[0][2] or "levels" in rows[0][2]
    return (min if least else max)(value for *_, value, _ in rows)


def tell(results, failures):
    """The table, as lines."""
    versions = f"Pillow {PIL.__version__}, OpenCV {cv2.__version__}, numpy {np.__version__}"
    yield f"{versions}, Python {sys.version.split()[0]}"
    yield ""
    compared, apart = Counter(), Counter()
    for _, kind, _, _, _, why in results:
        (apart if why else compared)[kind] += 1
    yield f"{'pictures':44} {'compared':>8} {'apart':>6}"
    for kind in sorted(compared | apart):
        yield f"{kind:44} {compared[kind]:8} {apart[kind]:6}"
    yield f"{'all':44} {compared.total():8} {apart.total():6}"
    yield ""
    groups = defaultdict(list)
    for _, _, checks, _, _, _ in results:
        for check in checks:
            groups[check[:3]].append(check)
    yield f"{'outputs through the contract':58} {'n':>6} {'worst':>9} {'limit':>7}"
    for (function, library, name), rows in sorted(groups.items(), key=order):
        label = f"{function:9} {library:6} {name}"
        yield f"{label:58} {len(rows):6} {worst_of(rows):9.3f} {rows[0][4]:7g}"
    yield ""
    groups = defaultdict(list)
    for _, _, _, figures, _, _ in results:
        for measure, library, worst, mean in figures:
            groups[measure, library].append((worst, mean))
    yield f"{'the reference against a library, in levels':58} {'n':>6} {'worst':>9} {'mean':>9}"
    for (measure, library), rows in sorted(groups.items()):
        label = f"{measure} ({library})"
        worst, means = max(row[0] for row in rows), [row[1] for row in rows]
        yield f"{label:58} {len(rows):6} {worst:9.3f} {max(means):9.4f}"
    yield ""
    yield "apart: not taken by the contract, broken, or too large"
    for name, _, _, _, _, why in results:
        if why and not name.lower().endswith(".png"):
            yield f"  {name}: {why}"
    said = Counter(why for name, _, _, _, _, why in results if why and name.lower().endswith(".png"))
    for why, count in said.most_common():
        yield f"  {count} PNG: {why}"
    judged = sum(len({check[:2] for check in checks}) for _, _, checks, _, _, _ in results)
    figures = sum(len(figures) for _, _, _, figures, _, _ in results)
    yield ""
    yield (f"{compared.total()} pictures, {judged} outputs judged, {figures} direct comparisons, "
           f"{len(failures)} outside")


def order(item):
    function, library, name = item[0]
    return (libraries.FUNCTIONS.index(function), name, library)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("judge")
    parser.add_argument("contract")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--only", help="pictures whose name holds this")
    arguments = parser.parse_args()
    made = list(generated())
    tests = {name: content for name, _, content in made}
    failures = []
    if not arguments.only:
        failures += self_test(Judge(arguments.judge, arguments.contract), tests)
        print(f"self-test: {len(failures)} wrong outputs not rejected", *failures, sep="\n  ",
              file=sys.stderr, flush=True)
    todo = [task for task in tasks(arguments.folder, made)
            if not arguments.only or arguments.only in task[0]]
    with Pool(os.cpu_count(), begin, (arguments.judge, arguments.contract)) as pool:
        results = []
        for found in pool.imap_unordered(look, todo):
            results.append(found)
            if len(results) % 20 == 0 or len(results) == len(todo):
                print(f"{len(results)} of {len(todo)} pictures", file=sys.stderr, flush=True)
        results.sort()
    failures += [f"{name}: {words}" for name, _, _, _, outside, _ in results for words in outside]
    table = "\n".join(tell(results, failures))
    print(table)
    if arguments.table:
        arguments.table.write_text(table + "\n")
    for failure in failures:
        print(f"OUTSIDE: {failure}", file=sys.stderr)
    compared = sum(1 for *_, why in results if not why)
    if compared < 200 and not arguments.only:
        failures.append(f"only {compared} pictures")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
