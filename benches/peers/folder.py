"""`photofinish process` on a folder of photographs: one job against two, and the memory of each."""

import os
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from comparing import compare
from setting import Lacking

COUNT = {False: 200, True: 20}
ROUNDS = {False: 10, True: 2}
JOBS = (1, 2)
# Colour, 8 bits: what one picture is when it is decoded.
DECODED = 3 * 4032 * 3024


def process(setting, photofinish, quick):
    """Wall time, CPU time and peak memory for each number of jobs."""
    try:
        program = photofinish or setting.photofinish()
    except Lacking as lacking:
        return {"lacking": str(lacking)}
    picture = setting.pictures() / "photograph-12mp-colour.jpg"
    runs = {jobs: [] for jobs in JOBS}
    with tempfile.TemporaryDirectory(dir=setting.cache) as scratch:
        photographs = Path(scratch) / "photographs"
        photographs.mkdir()
        for number in range(COUNT[quick]):
            os.link(picture, photographs / f"{number:03}.jpg")
        for _ in range(ROUNDS[quick]):
            for jobs in random.sample(JOBS, len(JOBS)):
                runs[jobs].append(_once(program, photographs, Path(scratch) / "made", jobs))
    compared = compare(*([run["wall"] for run in runs[jobs]] for jobs in JOBS))
    return {
        "pictures": COUNT[quick],
        "cores": os.cpu_count(),
        "decoded_bytes": DECODED,
        "runs": {str(jobs): made for jobs, made in runs.items()},
        "ratio": compared["ratio"],
        "interval": compared["interval"],
    }


def _once(program, photographs, made, jobs):
    command = [str(program), "process", "--variant", "native", "--jobs", str(jobs),
               str(photographs), str(made)]
    start = time.monotonic()
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = running.stderr.read().decode(errors="replace")
    _, status, usage = os.wait4(running.pid, 0)
    wall = time.monotonic() - start
    running.returncode = os.waitstatus_to_exitcode(status)
    running.stderr.close()
    if running.returncode:
        raise SystemExit(f"photofinish process ended with {running.returncode}: {said}")
    shutil.rmtree(made)
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    return {"wall": wall, "cpu": usage.ru_utime + usage.ru_stime,
            "peak_bytes": usage.ru_maxrss * unit}
