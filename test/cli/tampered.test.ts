import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { readDocument } from '../../src/cli/review/documents.ts';
import { parsePageKey } from '../../src/report/pages/page-key.ts';
import { brokenDocument } from '../fuzz/hostile.ts';
import { temporaryFolder, tinySpace } from './nas.ts';
import { storeRuns } from './stored-project.ts';

/** A database that somebody has changed: pages show it or say what is wrong with it. */

const home = process.cwd();
const cwd = temporaryFolder();
const file = join(cwd, 'runs/nas.db');
const good = join(cwd, 'good.db');

const PAGES = [
  ...['runs', 'runs/r1', 'runs/r1/decisions', 'runs/r1/references', 'runs/r1/table', 'runs/r1/trials/3'],
  'compare/r1,r2',
];

interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  readonly value: unknown;
}

beforeAll(() => {
  storeRuns(cwd, [
    { space: tinySpace, seed: '1', trials: 12, targetMs: 0.9 },
    { space: tinySpace, seed: '2', trials: 5, targetMs: 0.9 },
  ]);
  const database = new Database(file);
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
  copyFileSync(file, good);
  // Pages are of the folder that the program was started in.
  process.chdir(cwd);
});
afterAll(() => {
  process.chdir(home);
  rmSync(cwd, { recursive: true, force: true });
});

/** The columns of tables with rows, with a value of each. */
function columns(): readonly Column[] {
  const database = new Database(good, { readonly: true });
  const all = database
    .prepare(
      `SELECT m.name AS 'table', p.name AS 'column', p.type FROM sqlite_master m, pragma_table_info(m.name) p
       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'`,
    )
    .all() as Omit<Column, 'value'>[];
  const filled = all.flatMap((each) => {
    const row = database
      .prepare(`SELECT ${each.column} AS value FROM ${each.table} WHERE ${each.column} IS NOT NULL LIMIT 1`)
      .get() as { value: unknown } | undefined;
    return row === undefined ? [] : [{ ...each, value: row.value }];
  });
  database.close();
  return filled;
}

function* hostileValues({ type, value }: Column): Generator<unknown> {
  if (type !== 'TEXT') {
    yield* [0, -1, 2 ** 31, 2 ** 53, -(2 ** 53), 1e300, -1e300];
    yield* type === 'REAL' ? [Number.POSITIVE_INFINITY, 1e-320] : [];
    return;
  }
  yield* [
    '',
    '[',
    '{}',
    '[]',
    'null',
    '1',
    '"x"',
    '[null]',
    '[{}]',
    '\u001b[2J',
    '../../x',
    'x'.repeat(70_000),
  ];
  yield '['.repeat(100_000);
  let document: unknown;
  try {
    document = JSON.parse(String(value));
  } catch {
    return;
  }
  for (const broken of fc.sample(brokenDocument(document), { numRuns: 8, seed: 18 }))
    yield JSON.stringify(broken);
}

/** What is wrong with the pages of a database in which a column has this value everywhere. */
function defectsOf({ table, column }: Column, value: unknown): readonly string[] {
  copyFileSync(good, file);
  const database = new Database(file);
  try {
    database.pragma('ignore_check_constraints = 1');
    database.pragma('foreign_keys = OFF');
    database.prepare(`UPDATE ${table} SET ${column} = ?`).run(value);
  } catch {
    // Not of the column's type, or a key that is there already.
    return [];
  } finally {
    database.close();
  }
  return PAGES.flatMap((page) => {
    try {
      JSON.stringify(readDocument(parsePageKey(page)!));
      return [];
    } catch (error) {
      return error instanceof NasError ? [] : [`${table}.${column}: ${page}: ${(error as Error).stack}`];
    }
  });
}

test('the pages of the database as it was are shown', () => {
  copyFileSync(good, file);
  for (const page of PAGES) expect(readDocument(parsePageKey(page)!)).toBeDefined();
});

test('whatever stands in a column, every page is shown or refused in words', () => {
  const defects = columns().flatMap((column) =>
    [...hostileValues(column)].flatMap((value) => defectsOf(column, value)),
  );
  expect(defects).toEqual([]);
});
