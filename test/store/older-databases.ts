/**
 * Databases as earlier versions wrote them, as SQL: frozen, whatever becomes of the migrations. Add the text of each
 * released version here, with rows in every table.
 */
export const OLDER_DATABASES: readonly { readonly version: number; readonly sql: string }[] = [
  {
    version: 1,
    sql: `
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

INSERT INTO runs VALUES (3, 'interrupted', '{"targetMs": 15}', 'seed', '{"name": "tiny", "stages": []}', 'sd',
  '{"provenance": {"device": "some-phone"}, "kernels": []}', 'dd', 'td', '0.1.0', '2026-01-02T03:04:05.000Z', 3.5, NULL);
INSERT INTO trials VALUES (3, 0, 'completed', '[1, -1, 0]', 12.25, 0.30000000000000004, 3504872, 300774272, 8.5,
  '[{"epoch": 1, "trainLoss": 0.5, "validationAccuracy": 0.3}]', NULL, '2026-01-02T03:05:05.000Z');
INSERT INTO trials VALUES (3, 1, 'failed', '[0]', 3.0, NULL, NULL, NULL, NULL, NULL, 'it''s NaN', '2026-01-02T03:06:05.000Z');
INSERT INTO trials VALUES (3, 2, 'infeasible', '[2]', 99.0, NULL, NULL, NULL, NULL, NULL, 'slow', '2026-01-02T03:07:05.000Z');
INSERT INTO measurements VALUES (3, 0, 12.5, 0.1, 31);
INSERT INTO proxy_checks VALUES ('k', '{"rankCorrelation": 0.7}', '2026-01-02T03:08:05.000Z');
PRAGMA user_version = 1;
`,
  },
];
