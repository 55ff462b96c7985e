import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import { deployedCosts } from '../../src/flows/candidate.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { printTable } from '../../src/latency/print-table.ts';
import { hypervolume, paretoFront } from '../../src/objective/pareto.ts';
import { buildGraph } from '../../src/space/network.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { openStore } from '../../src/store/sqlite.ts';
import { nas, temporaryFolder, tinySpace } from './nas.ts';
import { storeRuns, tableOf } from './stored-project.ts';

const cwd = temporaryFolder();
const mobile = JSON.parse(
  readFileSync(new URL('../../search-spaces/mobile.json', import.meta.url), 'utf8'),
) as unknown;

interface Point {
  readonly trial: number;
  readonly accuracy: number;
  readonly latencyMs: number;
}

beforeAll(() => {
  storeRuns(cwd, [
    { space: tinySpace, seed: '1', trials: 12, targetMs: 0.9 },
    { space: tinySpace, seed: '2', trials: 5, targetMs: 0.9 },
    { space: tinySpace, seed: '3', trials: 5, targetMs: 0.9, dataset: 'folder:pictures' },
    { space: tinySpace, seed: '4', trials: 5, targetMs: 0.9, device: 'other-phone' },
    { space: tinySpace, seed: '5', trials: 5, targetMs: 0.8, slower: 1.1 },
    { space: mobile, seed: '6', trials: 60, targetMs: 5 },
  ]);
  const store = openStore(join(cwd, 'runs/nas.db'));
  store.saveMeasurement('r1', { trial: 0, medianMs: 0.7, madMs: 0.01, samples: 31 });
  store.addEvent('r1', { at: '2026-01-02T03:04:05.000Z', kind: 'resumed', message: 'by hand' });
  store.close();
  writeFileSync(join(cwd, 'space.json'), JSON.stringify(tinySpace));
});

const run = (...args: string[]) => nas(args, cwd);
const ok = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await run(...args);
  expect(stderr).toBe('');
  expect(exitCode).toBe(0);
  return stdout;
};
const json = async (...args: string[]) => JSON.parse(await ok(...args, '--json'));
const refused = async (...args: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await run(...args);
  expect(exitCode).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/^\s+at /m);
  return stderr;
};

test('what a command prints is readable in 80 columns, without colours where it is piped', async () => {
  for (const args of [
    ['runs'],
    ['runs', 'compare', 'r1', 'r2'],
    ['runs', 'compare', 'r1', 'r3', '--anyway'],
    ['pareto', 'r6'],
    ['show', 'r6'],
    ['show', 'r6/3'],
    ['explain', 'r6/3'],
  ]) {
    const text = await ok(...args);
    expect(text.split('\n').filter((line) => [...line].length > 80)).toEqual([]);
    expect(text).not.toContain('\u001b');
    expect(text).not.toMatch(/undefined|NaN|null ms/);
  }
});

describe('nas runs', () => {
  test('lists runs, the newest first, with their best under the target', async () => {
    const runs = await json('runs');
    expect(runs.map((found: { run: string }) => found.run)).toEqual(['r6', 'r5', 'r4', 'r3', 'r2', 'r1']);
    expect(runs[5]).toMatchObject({
      ...{ run: 'r1', state: 'finished', space: 'tiny', devices: ['some-phone'], targetMs: 0.9 },
      ...{ strategy: 'ppo', dataset: 'cifar10', trainer: 'embedded', seed: '1', trials: 12, completed: 12 },
      ...{ budget: 12, seconds: 286, best: { trial: 0, measuredMs: 0.7 } },
    });
    const points: readonly Point[] = (await json('show', 'r2')).trials.map(
      ({ number, accuracy, latencyMs }: Record<string, number>) => ({ trial: number, accuracy, latencyMs }),
    );
    const within = points.filter(({ latencyMs }) => latencyMs <= 0.9);
    expect(runs[4].best).toEqual({
      ...within.reduce((a, b) => (b.accuracy > a.accuracy ? b : a)),
      measuredMs: null,
    });
  });

  test('lists a run whose config it cannot read, beside the others', async () => {
    const folder = temporaryFolder();
    storeRuns(folder, [{ space: tinySpace, seed: '1', trials: 2, targetMs: 1 }]);
    const database = new Database(join(folder, 'runs/nas.db'));
    database.exec(`INSERT INTO runs (state, config, seed, space, space_digest, dataset_digest, trainer_digest, code_version,
                                     created_at)
                   VALUES ('finished', '{"of": "another version"}', '1', '{}', '', '', '', '9', '');
                   INSERT INTO run_tables (run, place, latency_table) VALUES (2, 0, 'no table')`);
    database.close();
    const { stdout, exitCode } = await nas(['runs', '--json'], folder);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject([
      { run: 'r2', devices: ['unknown'], targetMs: null, strategy: null },
      { run: 'r1', targetMs: 1 },
    ]);
    expect((await nas(['runs'], folder)).stdout).toMatch(/^r2 /m);
  });
});

describe('nas pareto', () => {
  test('has the same front as JSON, as CSV and as a table', async () => {
    const front = await json('pareto', 'r1');
    const { trials } = await json('show', 'r1');
    expect(front).toEqual(
      paretoFront<Point>(trials).map((trial) => {
        const { number, accuracy, latencyMs, params, macs } = trial as unknown as Record<string, number>;
        return { trial: number, accuracy, latencyMs, params, macs };
      }),
    );
    const [head, ...rows] = (await ok('pareto', 'r1', '--csv', '-')).trimEnd().split('\r\n');
    expect(head).toBe('trial,accuracy,latency_ms,params,macs');
    expect(rows).toEqual(front.map((point: object) => Object.values(point).join()));
    const text = await ok('pareto', 'r1');
    expect(text).toContain('accuracy (%)   ● front  · dominated  │ target 900 us');
    expect(text).toContain('estimated latency (ms)');
  });

  test('writes CSV and drawings to files, and says so beside the document', async () => {
    const files = ['--csv', 'front.csv', '--plot', 'front.svg'];
    const { stdout, stderr, exitCode } = await run('pareto', 'r1', ...files, '--json');
    expect(exitCode).toBe(0);
    expect(stderr).toContain('front.csv: written\n');
    expect(readFileSync(join(cwd, 'front.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(
      1 + JSON.parse(stdout).length,
    );
    const svg = readFileSync(join(cwd, 'front.svg'), 'utf8');
    expect(svg).toMatch(/^<svg xmlns="http/);
    for (const label of ['estimated latency (ms)', 'accuracy (%)', 'target 900 us', 'some-phone']) {
      expect(svg).toContain(label);
    }
    await run('pareto', 'r1', '--plot', 'front.png');
    expect(readFileSync(join(cwd, 'front.png')).subarray(1, 4).toString()).toBe('PNG');
    expect(readdirSync(cwd).filter((file) => file.startsWith('front'))).toHaveLength(3);
  });

  test('refuses what it cannot do', async () => {
    expect(await refused('pareto', 'r1', '--csv', '-', '--json')).toContain('one document on stdout');
    expect(await refused('pareto', 'r1', '--csv', 'no/such/folder.csv')).toContain('cannot be written');
    expect(await refused('pareto', 'r1', '--plot', 'front.gif')).toContain('.svg or .png');
    expect(await refused('pareto', 'r1', '--device', 'mine')).toContain('a device of r1: some-phone');
    expect(await refused('pareto', 'r77')).toContain("no run 'r77'; expected a run such as r6");
  });

  test('of a run for two devices tells which it looks at, and looks at the other', async () => {
    const folder = temporaryFolder();
    storeRuns(folder, [{ space: tinySpace, seed: '1', trials: 3, targetMs: 1 }]);
    const database = new Database(join(folder, 'runs/nas.db'));
    const other = printTable(tableOf(parseSpace(tinySpace, 'tiny'), { device: 'tablet' }));
    database.prepare('INSERT INTO run_tables (run, place, latency_table) VALUES (1, 1, ?)').run(other);
    database.exec("UPDATE trials SET latencies_ms = '[' || latency_ms || ',' || (10 - number) || ']'");
    database.close();
    const front = JSON.parse((await nas(['pareto', 'r1', '--device', 'tablet', '--json'], folder)).stdout);
    expect(front.length).toBeGreaterThan(0);
    for (const { trial, latencyMs } of front) expect(latencyMs).toBe(10 - trial);
    expect((await nas(['pareto', 'r1'], folder)).stdout).toContain(
      'on some-phone, one of 2 devices: --device some-phone or tablet',
    );
    expect(JSON.parse((await nas(['runs', '--json'], folder)).stdout)[0].devices).toEqual([
      'some-phone',
      'tablet',
    ]);
  });
});

describe('nas show', () => {
  test('a run, with all that it is a function of', async () => {
    const text = await ok('show', 'r1');
    for (const part of [
      'r1  finished  12 of 12 trials in 4 min 46 s, begun 2026-01-02 03:04 UTC',
      'reward.name          mnas-hard',
      'digest of images     images of ci',
      'some-phone (some processor): litert 2.5.3, float32, 1 thread',
      'calibrated by 8 whole',
      'resumed: by hand',
      'nas explain r1/0 ',
    ]) {
      expect(text).toContain(part);
    }
    const { trials, events, measurements } = await json('show', 'r1');
    expect(trials).toHaveLength(12);
    expect(events).toHaveLength(1);
    expect(measurements).toHaveLength(1);
  });

  test('lists the best of many trials, and all when asked', async () => {
    const rows = (text: string): number => text.match(/^ +\d+ +\d+\.\d %/gm)?.length ?? 0;
    expect(rows(await ok('show', 'r6'))).toBe(40);
    expect(rows(await ok('show', 'r6', '--all'))).toBe(60);
  });

  test('a trial, with its choices by name and what can be done next', async () => {
    const { choices, kernels, latencyMs, measured } = await json('show', 'r1/0');
    expect(choices.map(({ decision }: { decision: string }) => decision)).toEqual([
      ...['stages[1].block.kernel', 'stages[1].channels', 'stages[1].repeat'],
    ]);
    expect(measured).toEqual({ trial: 0, medianMs: 0.7, madMs: 0.01, samples: 31 });
    const sum = kernels.reduce((ms: number, kernel: { ms: number }) => ms + kernel.ms, 0);
    expect(sum).toBeCloseTo(latencyMs, 9);
    const text = await ok('show', 'r1/0');
    expect(text).toContain('700 us ± 10.0 us measured as a whole');
    for (const command of ['explain', 'cost', 'measure', 'train']) {
      expect(text).toMatch(new RegExp(`^  nas ${command} r1/0 `, 'm'));
    }
  });
});

describe('nas runs compare', () => {
  test('has hypervolumes over one reference point, coverage and the best under targets', async () => {
    const compared = await json('runs', 'compare', 'r1', 'r2', '--target', '0.8ms', '900us');
    const { reference, runs, coverage, targetsMs } = compared;
    expect(targetsMs).toEqual([0.8, 0.9]);
    const fronts: readonly (readonly Point[])[] = runs.map(({ front }: { front: Point[] }) => front);
    const points = fronts.flat();
    expect(reference.latencyMs).toBeGreaterThan(Math.max(...points.map(({ latencyMs }) => latencyMs)));
    expect(reference.accuracy).toBeLessThan(Math.min(...points.map(({ accuracy }) => accuracy)));
    const all = hypervolume(points, reference);
    fronts.forEach((front, i) => {
      expect(runs[i].hypervolume).toBe(hypervolume(front, reference));
      expect(runs[i].hypervolumeShare).toBeCloseTo(hypervolume(front, reference) / all, 12);
    });
    expect(coverage[0][0]).toBeNull();
    expect(coverage[0][1]).toBeGreaterThanOrEqual(0);
    expect(runs[0].best).toHaveLength(2);
    expect(runs[0].best[1]).toMatchObject({ trial: 0, measuredMs: 0.7 });
    expect(runs[1].best[1]).toMatchObject({ measuredMs: null });
  });

  test.each([
    ['r3', 'dataset: cifar10 and folder:pictures'],
    ['r4', 'device: some-phone and other-phone'],
    ['r6', 'proxy, on which accuracies are measured'],
  ])('refuses %s, whose figures mean something else, until told otherwise', async (other, message) => {
    const error = await refused('runs', 'compare', 'r1', other);
    expect(error).toContain(message);
    expect(error).toContain('--anyway');
    const text = await ok('runs', 'compare', 'r1', other, '--anyway');
    expect(text.replaceAll('\n', ' ')).toContain(message);
    expect(text).toMatch(/^warning: /);
  });

  test('warns where the tables were measured at different times', async () => {
    const { warnings } = await json('runs', 'compare', 'r1', 'r5');
    expect(warnings).toEqual([
      expect.stringContaining('the median difference of a kernel that both have is 10.0 %'),
    ]);
  });

  test('wants two runs that differ', async () => {
    expect(await refused('runs', 'compare', 'r1')).toContain('one run; expected two or more');
    expect(await refused('runs', 'compare', 'r1', 'r1')).toContain('a run twice');
    expect(await refused('runs', 'compare', 'r1', 'r2', '--target', '5')).toContain('has no unit');
  });
});

describe('nas explain', () => {
  const space = parseSpace(tinySpace, 'tiny');
  const table = tableOf(space);

  test('has parts that add up to the estimate, block by block and kernel by kernel', async () => {
    const found = await json('explain', 'r1/0');
    const { genotype, latencyMs, macs } = await json('show', 'r1/0');
    expect(found.latencyMs).toBeCloseTo(latencyMs, 9);
    expect(found.macs).toBe(macs);
    expect(found.measuredMs).toBe(0.7);
    for (const parts of [found.blocks, found.kernels] as { ms: number; macs: number; share: number }[][]) {
      const sum = (field: 'ms' | 'macs' | 'share') => parts.reduce((total, part) => total + part[field], 0);
      expect(sum('ms')).toBeCloseTo(latencyMs, 9);
      expect(sum('macs')).toBe(macs);
      expect(sum('share')).toBeCloseTo(1, 9);
    }
    const { stages } = space.decode(genotype);
    expect(found.blocks.flatMap(({ blocks }: { blocks: string[] }) => blocks)).toEqual(
      stages.flatMap(({ repeat }, stage) => Array.from({ length: repeat }, (_, i) => `stages.${stage}.${i}`)),
    );
  });

  test('tells what each decision costs, as building the other network says', async () => {
    const { decisions } = await json('explain', 'r1/0');
    const { genotype } = await json('show', 'r1/0');
    const deployed = deployedCosts(space, table);
    expect(decisions).toHaveLength(3);
    decisions.forEach((cost: { others: Record<string, unknown>[] }, index: number) => {
      const options: readonly unknown[] = space.decisions[index]?.options ?? [];
      expect(cost.others).toHaveLength(options.length - 1);
      for (const { option, latencyMs, macs } of cost.others) {
        const changed = [...genotype];
        changed[index] = options.indexOf(option);
        expect(latencyMs).toBeCloseTo(deployed(changed).latencyMs - deployed(genotype).latencyMs, 9);
        expect(macs).toBe(
          graphCost(buildGraph(space.decode(changed))).macs -
            graphCost(buildGraph(space.decode(genotype))).macs,
        );
      }
    });
  });

  test('explains a network by a table, with decisions where its space is named', async () => {
    writeFileSync(join(cwd, 'table.json'), printTable(table));
    const network = structuredClone(tinySpace) as Record<string, unknown> & { stages: unknown[] };
    network.stages[1] = {
      block: { type: 'inverted-residual', kernel: 5, expansion: 3, activation: 'hswish' },
      ...{ channels: 16, repeat: 2 },
    };
    writeFileSync(join(cwd, 'network.json'), JSON.stringify(network));
    const alone = await json('explain', 'network.json', '--table', 'table.json');
    expect(alone.decisions).toBeNull();
    const known = await json('explain', 'network.json', '--table', 'table.json', '--space', 'space.json');
    expect(known.latencyMs).toBe(alone.latencyMs);
    expect(known.decisions.map(({ chosen }: { chosen: number }) => chosen)).toEqual([5, 16, 2]);
    expect(await ok('explain', 'network.json', '--table', 'table.json')).toContain('--space SPACE');
  });

  test('says what the table lacks instead of guessing', async () => {
    const kernels = new Map([...table.kernels].slice(1));
    writeFileSync(join(cwd, 'partial.json'), printTable({ ...table, kernels }));
    const { blocks, kernels: steps } = await json('explain', 'r1/0', '--table', 'partial.json');
    expect(steps[0]).toMatchObject({ ms: null, share: null });
    expect(blocks[0].missing).toBe(1);
    expect(await ok('explain', 'r1/0', '--table', 'partial.json')).toContain('the table lacks 1 of');
  });

  test('refuses what it cannot explain', async () => {
    expect(await refused('explain', 'r1/0', '--space', 'space.json')).toContain('the run knows its space');
    expect(await refused('explain', 'r1/99')).toContain('run r1: no trial 99; expected 0 to 11');
    expect(await refused('explain', 'r1/0', '--rules')).toContain("'r1/0' beside --rules");
    expect(await refused('explain', '--table', 'table.json')).toContain('no network');
    expect(
      await refused('explain', 'squeezenet-1.1', '--table', 'table.json', '--space', 'space.json'),
    ).toContain('not a network of tiny');
  });
});

describe('a database that cannot be read is told of, whatever is asked', () => {
  const broken = (content: string | undefined): string => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'runs'));
    if (content !== undefined) writeFileSync(join(folder, 'runs/nas.db'), content, 'latin1');
    return folder;
  };
  const commands = [
    ['runs'],
    ['runs', 'compare', 'r1', 'r2'],
    ['pareto', 'r1'],
    ['show', 'r1'],
    ['show', 'r1/0'],
    ['explain', 'r1/0'],
  ];

  test.each([
    ['none', undefined, 'no such database; expected runs that a search has stored'],
    ['a text', 'this is no database, but long enough to be one: '.repeat(5), 'not a database'],
    ['half a header', 'SQLite format 3\0'.repeat(2), 'not a database'],
  ])('%s', async (_, content, message) => {
    const folder = broken(content);
    for (const args of content === undefined ? commands : commands.slice(0, 1)) {
      const { exitCode, stdout, stderr } = await nas(args, folder);
      expect([exitCode, stdout]).toEqual([2, '']);
      expect(stderr).toContain(`error runs/nas.db: ${message}`);
      expect(stderr).toMatch(/^next {2}\S/m);
      expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    }
    expect(existsSync(join(folder, 'runs/nas.db'))).toBe(content !== undefined);
  });

  test('one of a newer version', async () => {
    const folder = temporaryFolder();
    storeRuns(folder, [{ space: tinySpace, seed: '1', trials: 1, targetMs: 1 }]);
    const database = new Database(join(folder, 'runs/nas.db'));
    database.pragma('user_version = 99');
    database.close();
    for (const args of commands.slice(0, 2)) {
      const { exitCode, stderr } = await nas(args, folder);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('error runs/nas.db: a database of version 99; expected at most');
    }
  });
});

test('help is of all commands, and of the one that is named', async () => {
  const all = await ok('--help');
  for (const command of ['search', 'runs', 'pareto', 'explain', 'trainers']) {
    expect(all).toMatch(new RegExp(`^  ${command} `, 'm'));
  }
  expect(await ok('runs', 'compare', '--help')).toContain('nas runs compare r1 r2 --target 10ms 15ms');
  expect(await refused('paretto', 'r1')).toContain('Did you mean pareto?');
});
