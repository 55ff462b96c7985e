/** Step i takes a database from version i to i + 1 (`PRAGMA user_version`). Never changed once released. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (
    number         INTEGER PRIMARY KEY AUTOINCREMENT,
    state          TEXT NOT NULL CHECK (state IN ('running', 'interrupted', 'finished')),
    config         TEXT NOT NULL,
    seed           TEXT NOT NULL,
    space          TEXT NOT NULL,
    space_digest   TEXT NOT NULL,
    latency_table  TEXT NOT NULL,
    dataset_digest TEXT NOT NULL,
    trainer_digest TEXT NOT NULL,
    code_version   TEXT NOT NULL,
    created_at     TEXT NOT NULL,
    seconds        REAL NOT NULL DEFAULT 0,
    owner_process  INTEGER
  ) STRICT;

  CREATE TABLE trials (
    run         INTEGER NOT NULL REFERENCES runs (number),
    number      INTEGER NOT NULL CHECK (number >= 0),
    state       TEXT NOT NULL CHECK (state IN ('completed', 'infeasible', 'failed')),
    genotype    TEXT NOT NULL,
    latency_ms  REAL NOT NULL,
    accuracy    REAL CHECK ((accuracy IS NOT NULL) = (state = 'completed')),
    params      INTEGER,
    macs        INTEGER,
    cpu_seconds REAL,
    epochs      TEXT,
    reason      TEXT CHECK ((reason IS NOT NULL) = (state <> 'completed')),
    finished_at TEXT NOT NULL,
    PRIMARY KEY (run, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE measurements (
    run       INTEGER NOT NULL,
    trial     INTEGER NOT NULL,
    median_ms REAL NOT NULL,
    mad_ms    REAL NOT NULL,
    samples   INTEGER NOT NULL,
    PRIMARY KEY (run, trial),
    FOREIGN KEY (run, trial) REFERENCES trials (run, number)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE proxy_checks (
    key     TEXT PRIMARY KEY,
    result  TEXT NOT NULL,
    made_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
