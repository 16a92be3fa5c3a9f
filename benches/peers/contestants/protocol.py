"""How a contestant is asked, and what it answers: one line each.

At its start it says, as JSON, its version and the idioms that it has for each work. Then each
request `work TAB idiom TAB repeats TAB input TAB output` is answered by `nanoseconds TAB bytes`:
the CPU time of this process, all of its threads together, of doing the work once, averaged over
the repeats, and the size of what it made. Reading the input and writing the output (nowhere, if
none is named) are outside of the time. `! reason` is the answer to what cannot be done.
"""

import json
import sys
import time

FUNCTIONS = ("greyscale", "resize", "depth", "rotate", "convert")


def in_turn(works, idioms):
    """All five functions one after another, each given the bytes that the one before it wrote."""
    steps = [works[function][idiom] for function, idiom in zip(FUNCTIONS, idioms, strict=True)]

    def run(data):
        for step in steps:
            data = step(data)
        return data

    return run


def serve(version, works):
    """Answers requests until there are no more; `works` holds a function of bytes for each idiom."""
    held = {}

    def answer(request):
        work, idiom, repeats, source, target = request.rstrip("\n").split("\t")
        if source not in held:
            held.clear()
            with open(source, "rb") as file:
                held[source] = file.read()
        run, data, repeats = works[work][idiom], held[source], int(repeats)
        start = time.process_time_ns()
        for _ in range(repeats):
            made = run(data)
        taken = time.process_time_ns() - start
        if target:
            with open(target, "wb") as file:
                file.write(made)
        return f"{taken // repeats}\t{len(made)}"

    idioms = {work: list(named) for work, named in works.items()}
    print(json.dumps({"version": version, "works": idioms}), flush=True)
    for request in sys.stdin:
        try:
            print(answer(request), flush=True)
        except Exception as error:  # It is told whatever it is: the race goes on without it.
            print("! " + f"{type(error).__name__}: {error}".replace("\n", " "), flush=True)
