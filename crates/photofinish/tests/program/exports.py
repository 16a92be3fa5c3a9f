"""Reads an export by Python's csv and json alone, and prints what it finds as JSON.

The sheet is read as FaaS Runner writes it (wlloyduw/SAAF, test/history/exampleOutput.csv): raw runs
between "Raw results of each run:" and "Successful Runs:", then sections "Category NAME:". SeBS's files
are read for what its sebs/experiments/perf_cost.py takes out of them in process().
"""

import csv
import json
import pathlib
import sys
from datetime import datetime


def sheet(path):
    lines = path.read_text().splitlines()
    assert lines[1].startswith("Setting up test: runsperthread="), lines[1]
    assert lines[2:4] == ["", "Raw results of each run:"], lines[2:4]
    end = next(i for i, line in enumerate(lines) if line.startswith("Successful Runs: "))
    runs = list(csv.DictReader(lines[4:end]))
    assert len(runs) == int(lines[end].split()[-1])
    assert lines[4].split(",") == sorted(lines[4].split(","))
    last = lines.index("Category zAll:")
    (everything,) = csv.DictReader(lines[last + 1 : last + 3])
    assert everything["zAll"] == "Final Results:" and int(everything["uses"]) == len(runs)
    assert lines[last + 3] == "Total number of unique zAlls: 1"
    files = [json.loads(file.read_text()) for file in path.with_suffix("").glob("*.json")]
    for run, row in zip(sorted(files, key=lambda run: run["1_run_id"]), runs):
        for name, value in run.items():
            assert str(value) == row[name] or float(value) == float(row[name]), (name, value, row)
        assert abs(run["roundTripTime"] - run["runtime"] - run["latency"]) < 0.001
    runtimes = [float(run["runtime"]) for run in runs]
    return {
        "runs": len(runs),
        "files": len(files),
        "mean runtime": sum(runtimes) / len(runtimes),
        "avg_runtime": float(everything["avg_runtime"]),
        "sum_newcontainer": float(everything["sum_newcontainer"]),
    }


def results(path):
    result = json.loads(path.read_text())
    kind, word, memory = path.stem.split("_")
    assert word == "results" and int(memory) > 0 and result["begin_time"] < result["end_time"]
    settings = result["config"]["experiments"]["experiments"]["perf-cost"]
    assert settings["experiments"] == [kind]
    found = {}
    for function, calls in result["_invocations"].items():
        executions = []
        for name, call in calls.items():
            assert call["request_id"] == name and isinstance(call["output"]["result"], dict)
            assert call["output"]["is_cold"] == call["stats"]["cold_start"]
            begin, end = (datetime.fromisoformat(call["times"][k]) for k in ("client_begin", "client_end"))
            took = (end - begin).total_seconds() * 1e6
            assert abs(took - call["times"]["client"]) < 2, (took, call["times"])
            assert call["times"]["client"] >= call["provider_times"]["execution"]
            assert "benchmark" in call["times"] and "http_startup" in call["times"]
            assert call["billing"]["_billed_time"] > 0 and call["stats"]["memory_used"] > 0
            executions.append(call["provider_times"]["execution"])
        cold = sum(call["stats"]["cold_start"] for call in calls.values())
        found[function] = {"n": len(calls), "cold": cold, "mean execution": sum(executions) / len(executions)}
    assert result["statistics"]["samples_generated"] == sum(one["n"] for one in found.values())
    return found


layout, folder = sys.argv[1], pathlib.Path(sys.argv[2])
if layout == "saaf":
    told = {path.stem: sheet(path) for path in sorted(folder.glob("*.csv"))}
else:
    told = {str(path.relative_to(folder)): results(path) for path in sorted(folder.rglob("*.json"))}
print(json.dumps(told))
