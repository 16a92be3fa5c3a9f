"""The parts of the work that cannot be left out: reading the bits and moving the samples."""

import subprocess


def measure(setting, native=None):
    """Median and quartiles of each, in nanoseconds of CPU time."""
    pictures = setting.pictures()
    inputs = [pictures / f"photograph-12mp-{stage}.jpg" for stage in ("colour", "grey")]
    command = [str(native or setting.native()), "floors", *map(str, inputs)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    parts = []
    for line in done.stdout.splitlines():
        part, low, median, high = line.split("\t")
        quartiles = [int(low), int(high)]
        parts.append({"part": part, "median": int(median), "quartiles": quartiles})
    return parts
