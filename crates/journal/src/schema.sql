-- The journal of one study. Every table is append-only: what happened is never rewritten.
-- An intent is written before each paid or effectful call, an outcome after it; an intent
-- without an outcome is "in doubt".

CREATE TABLE study (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    name        TEXT NOT NULL,
    fingerprint TEXT NOT NULL,               -- hash of the lock's study
    created_at  TEXT NOT NULL
) STRICT;

CREATE TABLE run (                           -- one per process that wrote here
    id          INTEGER PRIMARY KEY,
    started_at  TEXT NOT NULL,
    version     TEXT NOT NULL,
    command     TEXT NOT NULL
) STRICT;

CREATE TABLE fact (                          -- environment: what machine, tier, versions
    id          INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL REFERENCES run,
    at          TEXT NOT NULL,
    subject     TEXT NOT NULL,
    key         TEXT NOT NULL,
    value       TEXT NOT NULL
) STRICT;

CREATE TABLE effect (                        -- intent of anything that is no invocation
    id          INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL REFERENCES run,
    at          TEXT NOT NULL,
    operation   TEXT NOT NULL,
    subject     TEXT NOT NULL
) STRICT;

CREATE TABLE effect_outcome (
    effect      INTEGER PRIMARY KEY REFERENCES effect,
    at          TEXT NOT NULL,
    status      TEXT NOT NULL,               -- ok, or why not
    detail      TEXT
) STRICT;

CREATE TABLE deployment (
    id          INTEGER PRIMARY KEY,
    variant     TEXT NOT NULL,
    sample      TEXT NOT NULL,               -- its number, and the round of repairs: 1, 1+r2
    platform    TEXT NOT NULL,
    architecture TEXT NOT NULL,
    memory_mb   INTEGER NOT NULL,
    model       TEXT,
    UNIQUE (variant, sample, platform, architecture, memory_mb)
) STRICT;

CREATE TABLE verification (
    id          INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL REFERENCES run,
    at          TEXT NOT NULL,
    deployment  INTEGER NOT NULL REFERENCES deployment,
    package     TEXT NOT NULL,               -- hash of the code that answered
    function    TEXT NOT NULL,
    flow        TEXT NOT NULL,
    input       TEXT NOT NULL,
    accepted    INTEGER NOT NULL,
    reason      TEXT,
    metric      TEXT NOT NULL,
    value       REAL,
    bound       REAL,
    output_sha256 TEXT,
    checks      TEXT NOT NULL                -- every check, as JSON
) STRICT;

CREATE TABLE round (
    id          INTEGER PRIMARY KEY,
    run         INTEGER NOT NULL REFERENCES run,
    session     INTEGER NOT NULL,
    number      INTEGER NOT NULL UNIQUE,
    phase       TEXT NOT NULL,               -- race, stages or pilot
    started_at  TEXT NOT NULL
) STRICT;

CREATE TABLE round_outcome (
    round       INTEGER PRIMARY KEY REFERENCES round,
    ended_at    TEXT NOT NULL,
    status      TEXT NOT NULL                -- ok, or why not
) STRICT;

CREATE TABLE pass (
    id          INTEGER PRIMARY KEY,
    round       INTEGER NOT NULL REFERENCES round,
    block       INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    phase       TEXT NOT NULL,
    flow        TEXT NOT NULL,
    deployment  INTEGER NOT NULL REFERENCES deployment,
    image       TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    orchestration TEXT NOT NULL DEFAULT 'client' -- who calls one function after the other
) STRICT;

CREATE TABLE pass_outcome (
    pass        INTEGER PRIMARY KEY REFERENCES pass,
    turnaround_ns INTEGER,
    status      TEXT NOT NULL
) STRICT;

CREATE TABLE invocation (
    id          INTEGER PRIMARY KEY,
    pass        INTEGER NOT NULL REFERENCES pass,
    function    TEXT NOT NULL,
    event_sha256 TEXT NOT NULL,              -- unique by its unpredictable keys: finds the platform's own record
    input_bytes INTEGER,
    started_at  TEXT NOT NULL
) STRICT;

CREATE TABLE invocation_outcome (
    invocation  INTEGER PRIMARY KEY REFERENCES invocation,
    request_id  TEXT,
    sent_ns     INTEGER,                     -- counted from the pass's first request
    client_ns   INTEGER,
    state       TEXT,
    duration_ms REAL,
    billed_ms   REAL,
    init_ms     REAL,
    max_memory_mb REAL,
    sandbox     TEXT,
    cpu_model   TEXT,
    stages      TEXT,                        -- the inspector's figures, as JSON
    status      TEXT NOT NULL,
    error       TEXT
) STRICT;

CREATE TABLE invocation_output (             -- looked at after the pass
    invocation  INTEGER PRIMARY KEY REFERENCES invocation,
    bytes       INTEGER,
    sha256      TEXT,
    status      TEXT NOT NULL                -- ok, or in what way the output was wrong
) STRICT;

CREATE TABLE late_report (                   -- REPORT, found in the platform's logs after the answer
    invocation  INTEGER PRIMARY KEY REFERENCES invocation,
    at          TEXT NOT NULL,
    duration_ms REAL NOT NULL,
    billed_ms   REAL NOT NULL,
    init_ms     REAL,
    max_memory_mb REAL
) STRICT;

CREATE TABLE distance (                      -- from the client to the platform, beside a block
    id          INTEGER PRIMARY KEY,
    round       INTEGER NOT NULL REFERENCES round,
    block       INTEGER NOT NULL,
    at          TEXT NOT NULL,
    call_ns     INTEGER,                     -- a call of a function that does nothing
    call_duration_ms REAL,                   -- what of it was that function's, by its REPORT
    head_ns     INTEGER                      -- a HEAD to the object store
) STRICT;

CREATE INDEX pass_by_round ON pass (round);
CREATE INDEX invocation_by_pass ON invocation (pass);
