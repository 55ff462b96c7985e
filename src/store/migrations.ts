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
  // Trials that are stopped at a rung, what they went through, and the order in which a search learned of them.
  `
  ALTER TABLE runs ADD COLUMN other_tables TEXT;
  ALTER TABLE runs ADD COLUMN owner_host TEXT;
  ALTER TABLE runs ADD COLUMN owner_started TEXT;

  ALTER TABLE trials RENAME TO trials_1;
  CREATE TABLE trials (
    run          INTEGER NOT NULL REFERENCES runs (number),
    number       INTEGER NOT NULL CHECK (number >= 0),
    state        TEXT NOT NULL CHECK (state IN ('completed', 'stopped', 'infeasible', 'failed')),
    genotype     TEXT NOT NULL,
    architecture TEXT,
    goal         INTEGER,
    latency_ms   REAL NOT NULL,
    latencies_ms TEXT,
    accuracy     REAL CHECK ((accuracy IS NOT NULL) = (state = 'completed')),
    params       INTEGER,
    macs         INTEGER,
    cpu_seconds  REAL,
    epochs       TEXT,
    attempts     INTEGER,
    reason       TEXT CHECK ((reason IS NOT NULL) = (state <> 'completed')),
    note         TEXT,
    trainer      TEXT,
    device       TEXT,
    started_at   TEXT,
    finished_at  TEXT NOT NULL,
    PRIMARY KEY (run, number)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO trials (run, number, state, genotype, latency_ms, accuracy, params, macs, cpu_seconds, epochs, reason,
                      finished_at)
    SELECT run, number, state, genotype, latency_ms, accuracy, params, macs, cpu_seconds, epochs, reason, finished_at
    FROM trials_1;

  CREATE TABLE measurements_2 (
    run       INTEGER NOT NULL,
    trial     INTEGER NOT NULL,
    device    INTEGER NOT NULL DEFAULT 0,
    median_ms REAL NOT NULL,
    mad_ms    REAL NOT NULL,
    samples   INTEGER NOT NULL,
    PRIMARY KEY (run, trial, device),
    FOREIGN KEY (run, trial) REFERENCES trials (run, number)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO measurements_2 (run, trial, median_ms, mad_ms, samples)
    SELECT run, trial, median_ms, mad_ms, samples FROM measurements;
  DROP TABLE measurements;
  DROP TABLE trials_1;
  ALTER TABLE measurements_2 RENAME TO measurements;

  CREATE TABLE rung_results (
    run         INTEGER NOT NULL REFERENCES runs (number),
    trial       INTEGER NOT NULL,
    rung        INTEGER NOT NULL CHECK (rung >= 0),
    accuracy    REAL NOT NULL,
    epochs      TEXT NOT NULL,
    cpu_seconds REAL NOT NULL,
    weights     TEXT,
    finished_at TEXT NOT NULL,
    PRIMARY KEY (run, trial, rung)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE failures (
    run       INTEGER NOT NULL REFERENCES runs (number),
    trial     INTEGER NOT NULL,
    attempt   INTEGER NOT NULL CHECK (attempt >= 1),
    error     TEXT NOT NULL,
    failed_at TEXT NOT NULL,
    PRIMARY KEY (run, trial, attempt)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE tells (
    run      INTEGER NOT NULL REFERENCES runs (number),
    position INTEGER NOT NULL CHECK (position >= 0),
    trial    INTEGER NOT NULL,
    rung     INTEGER,
    PRIMARY KEY (run, position)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX tells_once ON tells (run, trial, ifnull(rung, -1));

  CREATE TABLE updates (
    run         INTEGER NOT NULL,
    position    INTEGER NOT NULL,
    diagnostics TEXT NOT NULL,
    PRIMARY KEY (run, position),
    FOREIGN KEY (run, position) REFERENCES tells (run, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE events (
    run     INTEGER NOT NULL REFERENCES runs (number),
    number  INTEGER NOT NULL,
    at      TEXT NOT NULL,
    kind    TEXT NOT NULL,
    trial   INTEGER,
    message TEXT NOT NULL,
    PRIMARY KEY (run, number)
  ) STRICT, WITHOUT ROWID;
  `,
  // What fronts and lists are made of, so that they need not read what is large in a trial.
  `
  CREATE INDEX trials_figures ON trials (run, state, latency_ms, accuracy, params, macs);
  `,
  `
  CREATE TABLE trainings (
    number          INTEGER PRIMARY KEY AUTOINCREMENT,
    network         TEXT NOT NULL,
    architecture    TEXT NOT NULL,
    build           TEXT NOT NULL,
    recipe          TEXT NOT NULL,
    seed            TEXT NOT NULL,
    initial_weights TEXT,
    dataset         TEXT NOT NULL,
    dataset_digest  TEXT NOT NULL,
    trainer         TEXT NOT NULL,
    trainer_digest  TEXT NOT NULL,
    code_version    TEXT NOT NULL,
    params          INTEGER NOT NULL,
    macs            INTEGER NOT NULL,
    epochs          TEXT NOT NULL,
    best            TEXT NOT NULL,
    last            TEXT NOT NULL,
    cpu_seconds     REAL NOT NULL,
    finished_at     TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE supernets (
    space_digest   TEXT NOT NULL,
    dataset_digest TEXT NOT NULL,
    record         TEXT NOT NULL,
    made_at        TEXT NOT NULL,
    PRIMARY KEY (space_digest, dataset_digest)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE retrainings (
    run         INTEGER NOT NULL,
    trial       INTEGER NOT NULL,
    accuracy    REAL NOT NULL,
    cpu_seconds REAL NOT NULL,
    PRIMARY KEY (run, trial),
    FOREIGN KEY (run, trial) REFERENCES trials (run, number)
  ) STRICT, WITHOUT ROWID;
  `,
  // What nas adapt does, step by step.
  `
  CREATE TABLE adaptations (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    identity    TEXT NOT NULL,
    network     TEXT NOT NULL,
    config      TEXT NOT NULL,
    weights     TEXT,
    outcome     TEXT,
    created_at  TEXT NOT NULL,
    finished_at TEXT CHECK ((finished_at IS NOT NULL) = (outcome IS NOT NULL))
  ) STRICT;

  CREATE TABLE adaptation_steps (
    adaptation INTEGER NOT NULL REFERENCES adaptations (number),
    step       INTEGER NOT NULL CHECK (step >= 0),
    plan       TEXT NOT NULL,
    chosen     INTEGER,
    PRIMARY KEY (adaptation, step)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE adaptation_proposals (
    adaptation  INTEGER NOT NULL,
    step        INTEGER NOT NULL,
    place       INTEGER NOT NULL CHECK (place >= 0),
    result      TEXT NOT NULL,
    PRIMARY KEY (adaptation, step, place),
    FOREIGN KEY (adaptation, step) REFERENCES adaptation_steps (adaptation, step)
  ) STRICT, WITHOUT ROWID;
  `,
  // Who works on an adaptation, what exported files came to on devices, and what follows a search.
  `
  ALTER TABLE adaptations ADD COLUMN owner_process INTEGER;
  ALTER TABLE adaptations ADD COLUMN owner_host TEXT;
  ALTER TABLE adaptations ADD COLUMN owner_started TEXT;

  CREATE TABLE verifications (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    network TEXT NOT NULL,
    report  TEXT NOT NULL,
    made_at TEXT NOT NULL
  ) STRICT;

  CREATE TABLE run_stages (
    run         INTEGER NOT NULL REFERENCES runs (number),
    stage       TEXT NOT NULL,
    outcome     TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    PRIMARY KEY (run, stage)
  ) STRICT, WITHOUT ROWID;
  `,
  // How the images of a training were split and normalised.
  `
  ALTER TABLE trainings ADD COLUMN images TEXT;
  `,
  // So that listing runs reads none of their trials, which are appended and never changed.
  `
  ALTER TABLE runs ADD COLUMN trials INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN completed INTEGER NOT NULL DEFAULT 0;
  UPDATE runs SET
    trials = (SELECT count(*) FROM trials WHERE run = runs.number),
    completed = (SELECT count(accuracy) FROM trials WHERE run = runs.number);
  CREATE TRIGGER trials_counted AFTER INSERT ON trials BEGIN
    UPDATE runs SET trials = trials + 1, completed = completed + (new.accuracy IS NOT NULL) WHERE number = new.run;
  END;
  `,
  // So that the best trial under a latency is found without reading those that are worse.
  `
  CREATE INDEX trials_best ON trials (run, state, accuracy DESC, number, latency_ms);
  `,
  // So that neither the list of runs nor the count of their trials reads or writes tables, which are large.
  `
  CREATE TABLE run_tables (
    run           INTEGER NOT NULL REFERENCES runs (number),
    place         INTEGER NOT NULL CHECK (place >= 0),
    device        TEXT GENERATED ALWAYS AS (
      iif(json_valid(latency_table), json_extract(latency_table, '$.provenance.device'), NULL)
    ) STORED,
    latency_table TEXT NOT NULL,
    PRIMARY KEY (run, place)
  ) STRICT;
  INSERT INTO run_tables (run, place, latency_table) SELECT number, 0, latency_table FROM runs;
  INSERT INTO run_tables (run, place, latency_table)
    SELECT runs.number, 1 + key, value
    FROM runs, json_each(iif(json_valid(other_tables), other_tables, '[]'))
    WHERE type = 'text' AND typeof(key) = 'integer';
  ALTER TABLE runs DROP COLUMN latency_table;
  ALTER TABLE runs DROP COLUMN other_tables;
  `,
];
