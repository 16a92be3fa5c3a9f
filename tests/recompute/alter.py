"""The self-test: a table that was altered by a millionth must be noticed, whichever figure it was."""

import csv
import random
import shutil
import sys
import tempfile
from pathlib import Path

import orchestration
import prices
import scores
import summary
import verdicts
from measured import read_rows

MILLIONTH = 1e-6
# Below this a figure is what rounding left of nothing, such as the spread of equal numbers.
NOTHING = 1e-9
TABLES = {"summary.csv": summary, "cost.csv": prices, "verdicts.csv": verdicts}


def altered(text):
    """The same number, a millionth larger; nothing becomes a millionth."""
    value = float(text)
    return repr(value * (1 + MILLIONTH) if value else MILLIONTH)


def can_be_altered(text):
    return text != "" and (float(text) == 0 or abs(float(text)) > NOTHING)


def write(path, rows, columns):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def alterations(rows, figures, draw):
    """(what was done, the altered rows), one alteration at a time."""
    for column in figures:
        places = [place for place, row in enumerate(rows) if can_be_altered(row[column])]
        if not places:
            yield f"{column} (no row has it)", None
            continue
        place = draw.choice(places)
        copy = [dict(row) for row in rows]
        copy[place][column] = altered(copy[place][column])
        yield f"{column} in line {place + 2}", copy
    for column in figures:
        places = [place for place, row in enumerate(rows) if row[column] != ""]
        if places:
            copy = [dict(row) for row in rows]
            copy[draw.choice(places)][column] = ""
            yield f"{column} left empty", copy
    if rows:
        place = draw.randrange(len(rows))
        yield f"line {place + 2} left out", rows[:place] + rows[place + 1 :]
        yield f"line {place + 2} twice", rows + [rows[place]]


def self_test(study, tables, seed):
    """Exit code 1 if an alteration was not noticed."""
    draw, noticed, missed, untried = random.Random(seed), 0, [], []
    all_tables = dict(TABLES)
    if study.orchestrations:
        all_tables["orchestration.csv"] = orchestration
    if study.scores is not None:
        all_tables["scores.csv"] = scores
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        for file in all_tables:
            shutil.copy(tables / file, folder / file)
        for file, module in all_tables.items():
            rows = read_rows(tables / file)
            if module is scores:
                rows = [row for row in rows if scores.is_recomputed(row)]
            columns = list(rows[0]) if rows else []
            figures = module.FIGURES
            if module is prices and not study.orchestrations:
                figures = [figure for figure in figures if figure not in orchestration.IN_COST]
            for what, copy in alterations(rows, figures, draw):
                if copy is None:
                    untried.append(f"{file}: {what}")
                    continue
                write(folder / file, copy, columns)
                faults = study.compare(folder).faults
                if len(faults) >= 1 and all(fault.startswith(file) for fault in faults):
                    noticed += 1
                else:
                    missed.append(f"{file}: {what}")
            shutil.copy(tables / file, folder / file)
        if study.compare(folder).faults:
            missed.append("the unaltered copies")
    for what in missed:
        print(f"not noticed: {what}", file=sys.stderr)
    for what in untried:
        print(f"nothing to alter: {what}")
    print(f"self-test: {noticed} alterations noticed, {len(missed)} not (seed {seed})")
    return 1 if missed or untried or not noticed else 0
