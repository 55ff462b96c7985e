import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, describe, expect, test } from 'vitest';
import { MIGRATIONS } from '../../src/store/migrations.ts';
import { openStore } from '../../src/store/sqlite.ts';
import type { Store } from '../../src/store/store.ts';
import { completed, origin } from './contract.ts';
import { OLDER_DATABASES } from './older-databases.ts';
import { startWriter } from './writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'nas-reading-'));
afterAll(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});
let files = 0;
const freshFile = (): string => {
  const file = join(folder, String(files++), 'nas.db');
  mkdirSync(dirname(file));
  return file;
};
const AT = '2026-01-02T03:04:05.000Z';
const MADE = { trainer: 'toy', device: 'a phone', startedAt: AT, finishedAt: AT };

const HERE = dirname(fileURLToPath(import.meta.url));
const script = (name: string): string => join(HERE, name);

/** A run of some trials, written and closed. */
function writtenFile(trials = 5): string {
  const file = freshFile();
  const store = openStore(file);
  const { id } = store.createRun(origin, AT);
  for (let number = 0; number < trials; number++) store.append(id, completed(number), MADE);
  store.close();
  return file;
}

describe.each(OLDER_DATABASES)('a database of version $version', ({ version, sql }) => {
  const written = (): string => {
    const file = freshFile();
    const database = new Database(file);
    database.pragma('journal_mode = WAL');
    database.exec(sql);
    database.close();
    return file;
  };
  const check = (store: Store): void => {
    expect(store.run('r3')).toMatchObject({
      ...{ id: 'r3', state: 'interrupted', config: { targetMs: 15 }, seed: 'seed', spaceDigest: 'sd' },
      ...{ datasetDigest: 'dd', trainerDigest: 'td', codeVersion: '0.1.0', seconds: 3.5, createdAt: AT },
      space: { name: 'tiny', stages: [] },
    });
    expect(store.trials('r3')).toEqual([
      {
        ...{ state: 'completed', number: 0, genotype: [1, -1, 0], latencyMs: 12.25, accuracy: 0.1 + 0.2 },
        ...{ params: 3504872, macs: 300774272, cpuSeconds: 8.5 },
        epochs: [{ epoch: 1, trainLoss: 0.5, validationAccuracy: 0.3 }],
      },
      { state: 'failed', number: 1, genotype: [0], latencyMs: 3, error: "it's NaN" },
      { state: 'infeasible', number: 2, genotype: [2], latencyMs: 99, reason: 'slow' },
    ]);
    expect(store.measurements('r3')).toEqual([{ trial: 0, medianMs: 12.5, madMs: 0.1, samples: 31 }]);
    expect(store.proxyCheck('k')).toEqual({ rankCorrelation: 0.7 });
    expect(store.runs()).toMatchObject([{ id: 'r3', devices: ['some-phone'], trials: 3, completed: 1 }]);
  };

  test('is read without being changed', () => {
    const file = written();
    const before = readFileSync(file);
    const store = openStore(file, { readOnly: true });
    check(store);
    store.close();
    expect(readFileSync(file)).toEqual(before);
  });

  test('is brought up to date by who writes, with nothing lost', () => {
    const file = written();
    const store = openStore(file);
    check(store);
    expect(store.createRun(origin, AT).id).toBe('r4');
    store.append('r3', { ...completed(3) }, MADE);
    store.close();
    const database = new Database(file, { readonly: true });
    expect(database.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length);
    expect(database.pragma('foreign_key_check')).toEqual([]);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
  });

  test('has the tables of a new one when it is up to date', () => {
    const [old, fresh] = [written(), freshFile()];
    const tablesOf = (file: string): unknown => {
      openStore(file).close();
      const database = new Database(file, { readonly: true });
      const tables = database
        .prepare("SELECT name, type FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY name")
        .all()
        .map((row) => {
          const { name } = row as { name: string };
          return { ...(row as object), columns: database.pragma(`table_info(${name})`) };
        });
      database.close();
      return tables;
    };
    expect(tablesOf(old)).toEqual(tablesOf(fresh));
  });

  test('keeps the tables of a run for several devices, and what no table can be read from', () => {
    const file = freshFile();
    mkdirSync(dirname(file), { recursive: true });
    const database = new Database(file);
    const tablesLast = MIGRATIONS.findIndex((step) => step.includes('CREATE TABLE run_tables'));
    for (const step of MIGRATIONS.slice(0, tablesLast)) database.exec(step);
    database.pragma(`user_version = ${tablesLast}`);
    const insert = database.prepare(
      `INSERT INTO runs (state, config, seed, space, space_digest, latency_table, other_tables, dataset_digest,
                         trainer_digest, code_version, created_at)
       VALUES ('finished', '{}', '1', '{"name": "tiny"}', '', ?, ?, '', '', '', '')`,
    );
    const table = (device: string): string => JSON.stringify({ provenance: { device } });
    insert.run(table('phone'), JSON.stringify([table('tablet'), table('watch')]));
    insert.run('no table', 'no list');
    database.close();
    const store = openStore(file);
    expect(store.runs()).toMatchObject([
      { id: 'r2', devices: ['unknown'] },
      { id: 'r1', devices: ['phone', 'tablet', 'watch'] },
    ]);
    expect(store.run('r1')).toMatchObject({
      table: table('phone'),
      otherTables: [table('tablet'), table('watch')],
    });
    expect(store.run('r2').table).toBe('no table');
    store.close();
  });

  test('which another process brings up to date meanwhile is as good', () => {
    const file = written();
    const [one, other] = [openStore(file), openStore(file)];
    check(one);
    check(other);
    for (const store of [one, other]) store.close();
    expect(version).toBeLessThan(MIGRATIONS.length);
  });
});

test('what refers to a run or a trial that is not there cannot be stored', () => {
  const file = writtenFile(1);
  const store = openStore(file);
  const measurement = { medianMs: 1, madMs: 0, samples: 1 };
  expect(() => store.saveMeasurement('r1', { trial: 7, ...measurement })).toThrow(/FOREIGN KEY/);
  store.saveMeasurement('r1', { trial: 0, ...measurement });
  store.close();
});

describe('a file that is damaged is refused with its name, and left as it is', () => {
  const refuse = (file: string, message: RegExp): void => {
    const before = readFileSync(file);
    for (const readOnly of [true, false]) {
      expect(() => {
        const store = openStore(file, { readOnly });
        try {
          for (const { id } of store.runs()) store.trials(id);
          store.figures('r1');
        } finally {
          store.close();
        }
      }).toThrow(message);
    }
    expect(readFileSync(file)).toEqual(before);
  };

  test('cut off in the middle', () => {
    const file = writtenFile(200);
    truncateSync(file, Math.floor(statSync(file).size / 2));
    refuse(file, /nas\.db: a damaged database/);
  });

  test('cut off in its header', () => {
    const file = writtenFile();
    truncateSync(file, 60);
    refuse(file, /nas\.db: a damaged database/);
  });

  test('with other bytes in its pages', () => {
    const file = writtenFile(200);
    const bytes = readFileSync(file);
    bytes.fill(0xa5, 4096);
    writeFileSync(file, bytes);
    refuse(file, /nas\.db: a damaged database/);
  });

  test('a database of another program', () => {
    const file = freshFile();
    const database = new Database(file);
    database.exec('CREATE TABLE bookmarks (url TEXT)');
    database.close();
    refuse(file, /nas\.db: a database of another program \(it has a table 'bookmarks'\)/);
  });

  test('a database of a newer version', () => {
    const file = writtenFile();
    const database = new Database(file);
    database.pragma('user_version = 99');
    database.close();
    refuse(file, /nas\.db: a database of version 99; expected at most \d+/);
  });
});

test('an empty file is a database without runs', () => {
  const file = freshFile();
  writeFileSync(file, '');
  const store = openStore(file, { readOnly: true });
  expect(store.runs()).toEqual([]);
  store.close();
  expect(readFileSync(file)).toHaveLength(0);
});

test('readers see whole trials, each once, while another process appends as fast as it can', async () => {
  const file = freshFile();
  const store = openStore(file);
  const { id } = store.createRun(origin, AT);
  store.close();
  const writer = startWriter(file, id);
  try {
    await writer.nextReport();
    let seen = 0;
    for (let round = 0; round < 100; round++) {
      const reader = openStore(file, { readOnly: true });
      const before = writer.reported();
      const trials = reader.trials(id);
      // Each is read later than the one before, so it counts no fewer.
      const counts = [trials.length, reader.figures(id).length, reader.runs()[0]?.trials ?? 0];
      reader.close();
      expect(trials).toEqual(trials.map((_, number) => completed(number)));
      expect(trials.length).toBeGreaterThan(before);
      expect(counts).toEqual([...counts].sort((a, b) => a - b));
      expect(trials.length).toBeGreaterThanOrEqual(seen);
      seen = trials.length;
      // Lets the writer's reports in.
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(writer.isWell()).toBe(true);
    const atEnd = writer.reported();
    while (writer.reported() === atEnd) await writer.nextReport();
  } finally {
    await writer.kill();
  }
});

test('a reader does not wait for a writer in the middle of a transaction', () => {
  const file = writtenFile(3);
  const writer = new Database(file);
  writer.exec("BEGIN IMMEDIATE; UPDATE runs SET seed = 'other'");
  const reader = openStore(file, { readOnly: true });
  expect(reader.run('r1').seed).toBe(origin.seed);
  expect(reader.trials('r1')).toHaveLength(3);
  // Nor does the writer wait for a reader that is open.
  writer.exec('COMMIT');
  expect(reader.run('r1').seed).toBe('other');
  reader.close();
  writer.close();
});

test('a writer that waits in vain for another says so', () => {
  const file = writtenFile(1);
  const other = new Database(file);
  other.exec('BEGIN IMMEDIATE');
  const store = openStore(file);
  expect(() => store.append('r1', completed(1), MADE)).toThrow(/another process is writing/);
  other.exec('ROLLBACK');
  store.append('r1', completed(1), MADE);
  store.close();
  other.close();
});

interface Answer {
  readonly trials?: number;
  readonly error?: string;
  readonly next?: string;
}

/** What a process of a user who owns nothing gets from a database. */
function asNobody(file: string, mode: 'read' | 'append'): Answer {
  const ended = spawnSync(process.execPath, [script('as-nobody.mjs'), file, mode], { encoding: 'utf8' });
  expect(ended.stderr).toBe('');
  return JSON.parse(ended.stdout) as Answer;
}

describe('a folder that cannot be written', () => {
  /** The folder of a file in which nobody may write, though all may read. */
  const locked = (file: string): string => {
    chmodSync(folder, 0o755);
    chmodSync(file, 0o444);
    chmodSync(dirname(file), 0o555);
    return file;
  };
  const unlock = (file: string): void => chmodSync(dirname(file), 0o755);

  test('is read all the same', () => {
    const file = locked(writtenFile(4));
    expect(asNobody(file, 'read')).toEqual({ trials: 4 });
    expect(readdirSync(dirname(file))).toEqual(['nas.db']);
    unlock(file);
  });

  test('is told of when something is to be stored', () => {
    const file = locked(writtenFile(4));
    const before = readFileSync(file);
    const { error, next } = asNobody(file, 'append');
    expect(error).toMatch(/nas\.db: cannot be (written|opened)/);
    expect(next).toContain('permissions');
    expect(readFileSync(file)).toEqual(before);
    unlock(file);
  });

  test('in which a killed process left trials in the log is not read without them', () => {
    const file = writtenFile(4);
    const store = openStore(file);
    store.append('r1', completed(4), MADE);
    const log = readFileSync(`${file}-wal`);
    store.close();
    writeFileSync(`${file}-wal`, log);
    locked(file);
    chmodSync(`${file}-wal`, 0o444);
    const { trials, error } = asNobody(file, 'read');
    // SQLite may manage to read the log; then all is there.
    if (error === undefined) expect(trials).toBe(5);
    else expect(error).toMatch(/nas\.db: cannot be (written|opened)/);
    unlock(file);
  });
});

describe('a full disk', () => {
  /** A folder on a disk of its own of half a mebibyte, where this machine lets us mount one. */
  const mounted = (work: string): string => `mount -t tmpfs -o size=512k,mode=777 none "$1" && ${work}`;
  const unshare = (work: string, at: string) =>
    spawnSync('unshare', ['--mount', '--map-root-user', 'sh', '-c', mounted(work), 'sh', at], {
      encoding: 'utf8',
    });
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const mayMount = unshare('true', disk).status === 0;

  // Where nothing may be mounted, files that may not grow stand in for it; the kernel then says EFBIG for ENOSPC.
  test(mayMount ? 'on a disk of 512 KiB' : 'with a limit on the size of files', () => {
    const file = join(disk, 'nas.db');
    const command = `"${process.execPath}" "${script('append-until-refused.mjs')}" "${file}"`;
    const ended = mayMount
      ? unshare(command, disk)
      : spawnSync('sh', ['-c', `ulimit -f 512; ${command}`], { encoding: 'utf8' });
    expect(ended.stderr).toBe('');
    const { stored, error, next, readBack } = JSON.parse(ended.stdout) as {
      readonly stored: number;
      readonly error: string;
      readonly next: string;
      readonly readBack: number;
    };
    expect(stored).toBeGreaterThan(10);
    expect(error).toMatch(mayMount ? /nas\.db: the disk is full/ : /nas\.db: its disk fails/);
    expect(next).toContain('nothing that was stored is lost');
    expect(readBack).toBe(stored);
    expect(existsSync(file)).toBe(!mayMount);
  });
});
