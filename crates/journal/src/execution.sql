CREATE TABLE execution (                     -- of a state machine: what the platform says of it
    pass        INTEGER PRIMARY KEY REFERENCES pass,
    at          TEXT NOT NULL,
    name        TEXT,                        -- the platform's own name for it
    duration_ms REAL,                        -- from its start to its end, by the platform's clock
    billed_ms   REAL,
    memory_mb   REAL                         -- what it is charged for
) STRICT;
