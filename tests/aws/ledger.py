"""What a study has cost on AWS, counted again from its journal and a price book alone.

As docs/aws.md describes it, and with nothing of photofinish's own code: two PUTs and two GETs, a
request, a KB of log and its billed time for each call, its output over the internet, and so on.
"""

import json
import sqlite3
import tomllib
from contextlib import closing

GB = 2 ** 30
TIMEOUT_MS = 60_000.0


def prices(path):
    return tomllib.loads(path.read_text())


def ask(journal, sql, *values):
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        return db.execute(sql, values).fetchall()


def unit(price):
    return price["usd"] / price["per"]


def time_usd(book, architecture, memory_mb, ms):
    """Of the first tier: no study reaches the second."""
    return memory_mb / 1024 * ms / 1000 * book["lambda"][architecture]["tiers"][0]["usd_per_gb_s"]


def call_usd(book, architecture, memory_mb, ms, written):
    s3 = book["s3"]
    return (time_usd(book, architecture, memory_mb, ms) + unit(book["lambda"]["requests"])
            + 2 * unit(s3["put"]) + 2 * unit(s3["get"]) + 1e-6 * unit(book["logs"]["ingestion"])
            + (written or 0) / GB * unit(book["transfer"]["out"]))


def most_usd(book, architecture, memory_mb):
    """A call that nobody saw the end of."""
    return call_usd(book, architecture, memory_mb, TIMEOUT_MS, None)


CALLS = """
    SELECT p.id, r.number, r.phase, d.architecture, d.memory_mb, o.status, o.client_ns,
           coalesce(o.billed_ms, l.billed_ms), u.bytes
    FROM invocation i JOIN pass p ON p.id = i.pass JOIN round r ON r.id = p.round
    JOIN deployment d ON d.id = p.deployment
    LEFT JOIN invocation_outcome o ON o.invocation = i.id
    LEFT JOIN late_report l ON l.invocation = i.id
    LEFT JOIN invocation_output u ON u.invocation = i.id"""


def rounds_usd(journal, book, timed=True):
    """What the calls of each round came to, by its number, with the phase of the round; or what they
    would have, had they taken no time."""
    found = {}
    for _, number, phase, architecture, memory_mb, status, waited, billed, written in ask(journal, CALLS):
        if status in ("not sent", "refused"):
            usd = unit(book["lambda"]["requests"]) + 1e-6 * unit(book["logs"]["ingestion"])
        else:
            known = status not in (None, "in doubt") and waited is not None
            ms = billed if billed is not None else min(waited / 1e6, TIMEOUT_MS) if known else TIMEOUT_MS
            usd = call_usd(book, architecture, memory_mb, ms if timed else 0.0, written)
        found.setdefault((phase, number), []).append(usd)
    passes = dict(ask(journal, "SELECT r.number, count(*) FROM pass p JOIN round r ON r.id = p.round GROUP BY 1"))
    distances = dict(ask(journal, "SELECT r.number, count(*) FROM distance d JOIN round r ON r.id = d.round GROUP BY 1"))
    nothing = (time_usd(book, "x86_64", 128, 3000) + unit(book["lambda"]["requests"])
               + 1e-6 * unit(book["logs"]["ingestion"]) + unit(book["s3"]["get"]))
    return {(phase, number): sum(calls) + passes[number] * 2 * unit(book["s3"]["put"])
            + distances.get(number, 0) * nothing for (phase, number), calls in found.items()}


def trials_usd(journal, book):
    total = 0.0
    for (detail,) in ask(journal, "SELECT o.detail FROM effect e LEFT JOIN effect_outcome o ON o.effect = e.id "
                                  "WHERE e.operation = 'verify'"):
        bill = json.loads(detail)
        _, architecture, memory_mb = bill["deployment"].split("@")[1].split("/")
        ms = TIMEOUT_MS if bill["billed_ms"] is None else min(bill["billed_ms"], TIMEOUT_MS)
        total += call_usd(book, architecture, int(memory_mb), ms, bill["output_bytes"])
        total += 2 * unit(book["s3"]["put"])
    return total


def spent(journal, book):
    """Everything."""
    ((put,),) = ask(journal, "SELECT count(*) FROM effect WHERE operation IN ('deploy-function', 'publish-layer')")
    beside = put * (unit(book["s3"]["put"]) + unit(book["s3"]["get"]))
    return beside + trials_usd(journal, book) + sum(rounds_usd(journal, book).values())


def pilot_round(journal, book):
    """What a round of the pilot cost on average, beside its time."""
    costs = rounds_usd(journal, book, timed=False)
    found = [usd for (phase, _), usd in costs.items() if phase == "pilot"]
    return sum(found) / len(found)


def dearest_round(journal, book):
    return max(rounds_usd(journal, book).values())


def rounds(journal):
    """How many of the race are whole."""
    ((n,),) = ask(journal, "SELECT count(*) FROM round r JOIN round_outcome o ON o.round = r.id "
                           "WHERE r.phase = 'race' AND o.status NOT IN ('stopped', 'in doubt')")
    return n


def side_by_side(journal):
    """Blocks of the race in which a pass went on after another's call: these were under way at once."""
    begun, last, found = set(), {}, set()
    for number, block, one in ask(journal, """
            SELECT r.number, p.block, p.id FROM invocation i JOIN pass p ON p.id = i.pass
            JOIN round r ON r.id = p.round WHERE p.phase = 'race' ORDER BY i.id"""):
        if one in begun and last[number, block] != one:
            found.add((number, block))
        begun.add(one)
        last[number, block] = one
    return len(found)


def distances(journal):
    """How often the client's distance was measured, and how often not wholly."""
    rows = ask(journal, "SELECT call_ns, head_ns FROM distance")
    return len(rows), sum(None in row for row in rows)


def blocks(journal):
    ((n,),) = ask(journal, "SELECT count(*) FROM (SELECT DISTINCT round, block FROM pass WHERE phase = 'race')")
    return n


def place(journal):
    """Where the client is, as the journal says."""
    rows = ask(journal, "SELECT value FROM fact WHERE subject = 'aws' AND key = 'the client is'")
    return rows[-1][0] if rows else None


def doubtful(journal):
    ((n,),) = ask(journal, "SELECT count(*) FROM invocation_outcome WHERE status = 'in doubt'")
    return n
