import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Trial } from '../../src/objective/trial.ts';
import { nas, SEARCH, startNas, temporaryProject, tinySpace, waitFor } from './nas.ts';

const WITHOUT_BATCHES = SEARCH.slice(3, SEARCH.indexOf('--batch'));

/** A trial without its processor time, the one thing that a repetition may change. */
const comparable = (stdout: string): unknown =>
  (JSON.parse(stdout).trials as { cpuSeconds?: number }[]).map(({ cpuSeconds: _, ...trial }) => trial);
const trialsOf = async (folder: string, run = 'r1'): Promise<unknown> =>
  comparable((await nas(['show', run, '--json'], folder)).stdout);

describe('nas search', () => {
  let project: string;
  let first: Awaited<ReturnType<typeof nas>>;

  beforeAll(async () => {
    project = await temporaryProject();
    first = await nas([...SEARCH, '--trials', '8', '--json'], project);
  });

  test('measures, trains, stores, and answers with one JSON document', () => {
    expect(first.stderr).not.toMatch(/^error/m);
    expect(first.exitCode).toBe(0);
    const document = JSON.parse(first.stdout);
    expect(document).toMatchObject({ run: 'r1', trials: 8, best: { meetsTarget: true } });
    expect(Object.keys(document)).toEqual([
      ...['run', 'trials', 'best', 'front', 'seconds', 'trainSeconds', 'overheadSeconds'],
    ]);
    expect(document.best.measuredMs).toBeGreaterThan(0);
    expect(document.best.accuracy).toBe(
      Math.max(...document.front.map((p: { accuracy: number }) => p.accuracy)),
    );
    expect(document.trainSeconds + document.overheadSeconds).toBeCloseTo(document.seconds, 9);
    expect(existsSync(join(project, 'runs', 'nas.db'))).toBe(true);
  });

  test('tells its progress on stderr, a line a trial', () => {
    for (const part of [
      'kernels missing, about',
      'calibrated by 8 whole networks',
      'dataset  folder:pictures: 64 training',
      '8/8  trial',
    ]) {
      expect(first.stderr).toContain(part);
    }
  });

  test('the stored run answers nas pareto, show, runs and cost', async () => {
    const pareto = JSON.parse((await nas(['pareto', 'r1', '--json'], project)).stdout);
    expect(
      pareto.map(({ trial, accuracy, latencyMs }: Record<string, number>) => ({
        trial,
        accuracy,
        latencyMs,
      })),
    ).toEqual(JSON.parse(first.stdout).front);
    const [run] = JSON.parse((await nas(['runs', '--json'], project)).stdout);
    expect(run).toMatchObject({ run: 'r1', state: 'finished', trials: 8, completed: 8, targetMs: 1000 });
    const best = JSON.parse(first.stdout).best.trial;
    const trial = JSON.parse((await nas(['show', `r1/${best}`, '--json'], project)).stdout);
    const kernelMs = trial.kernels.reduce((sum: number, { ms }: { ms: number }) => sum + ms, 0);
    expect(kernelMs).toBeGreaterThan(0);
    const cost = JSON.parse((await nas(['cost', `r1/${best}`, '--json'], project)).stdout);
    expect(cost).toMatchObject({ name: `r1/${best}`, params: trial.params, macs: trial.macs });
    for (const args of [['pareto', 'r1'], ['show', 'r1'], ['show', `r1/${best}`], ['runs']]) {
      const shown = await nas(args, project);
      expect(shown.exitCode).toBe(0);
      expect(shown.stdout.length).toBeGreaterThan(100);
    }
  });

  test('the same seed and table give the same trials, another seed others', async () => {
    const again = await temporaryProject();
    cpSync(join(project, 'latency-tables'), join(again, 'latency-tables'), { recursive: true });
    await nas([...SEARCH, '--trials', '8', '--workers', '1'], again);
    await nas([...SEARCH, '--trials', '8', '--seed', '2'], again);
    expect(await trialsOf(again)).toEqual(await trialsOf(project));
    expect(await trialsOf(again, 'r2')).not.toEqual(await trialsOf(project));
  });

  test('several targets, without batches, stopped early: an answer for each, and rungs that are told apart', async () => {
    const several = await temporaryProject();
    cpSync(join(project, 'latency-tables'), join(several, 'latency-tables'), { recursive: true });
    const space = structuredClone(tinySpace);
    const rungs = [{ epochs: 1, resolution: 4, trainImages: 32 }, { epochs: 1 }];
    writeFileSync(
      join(several, 'space.json'),
      JSON.stringify({ ...space, proxy: { ...space.proxy, rungs } }),
    );
    const args = ['search', '--target', '1s,2s', ...WITHOUT_BATCHES, '--async', '--trials', '8'];
    const end = await nas([...args, '--workers', '1', '--json'], several);
    expect(end.stderr).not.toMatch(/^error|attempt \d failed/m);
    expect(end.exitCode).toBe(0);
    const { trials, best, front, answers } = JSON.parse(end.stdout);
    expect(answers.map(({ targetMs }: { targetMs: number }) => targetMs)).toEqual([1000, 2000]);
    expect(answers[0].best).toEqual(best);
    const shown = JSON.parse((await nas(['show', 'r1', '--json'], several)).stdout).trials as Trial[];
    expect(shown).toHaveLength(trials);
    const stopped = shown.filter(({ state }) => state === 'stopped').map(({ number }) => number);
    const completed = shown.filter((trial) => trial.state === 'completed');
    expect(stopped.length + completed.length).toBe(8);
    for (const { trial } of front) expect(stopped).not.toContain(trial);
    for (const { rungs: passed, epochs } of completed) {
      expect(passed?.map(({ rung }) => rung)).toEqual([0, 1]);
      // Of the full training; that of the smaller images was another.
      expect(epochs).toHaveLength(2);
    }
    expect(readdirSync(join(several, 'runs', 'weights'))).toEqual([]);
  });

  test('a device that is gone at the end costs the measurement, not the answer', async () => {
    const gone = await temporaryProject();
    cpSync(join(project, 'runs'), join(gone, 'runs'), { recursive: true });
    const database = new Database(join(gone, 'runs', 'nas.db'));
    database.exec(`
      DELETE FROM measurements;
      UPDATE runs SET state = 'interrupted',
                      config = json_set(config, '$.device.device', 'ssh:nobody@nowhere.invalid')`);
    database.close();
    const end = await nas(['search', '--resume', 'r1'], gone);
    expect(end.stderr).not.toMatch(/^error/m);
    expect(end.exitCode).toBe(0);
    expect(end.stdout).toContain('not measured as a whole: ');
    expect(end.stdout).toMatch(/best under 1.00 s.*estimated/);
  });

  test('a run whose time is up begins nothing more', async () => {
    const end = await nas([...SEARCH, '--time', '1ms', '--json'], project);
    expect(end.exitCode).toBe(1);
    expect(JSON.parse(end.stdout)).toMatchObject({ trials: 0, best: null, front: [] });
  });

  test('a reward whose optimum is the same for every target is warned about, and allowed', async () => {
    const end = await nas([...SEARCH, '--reward', 'mnas', '--trials', '1'], project);
    expect(end.stderr).toContain('warning  reward mnas with α = β = -0.07');
    expect(end.stderr).toContain('its best network is the same for every target');
    expect(end.exitCode).toBe(0);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'ended by %s, resumes to the trials of the unbroken run',
    async (signal) => {
      const broken = await temporaryProject();
      cpSync(join(project, 'latency-tables'), join(broken, 'latency-tables'), { recursive: true });
      const { child, ended } = startNas([...SEARCH, '--trials', '8'], broken);
      await waitFor(child, '2/8');
      child.kill(signal);
      const end = await ended;
      if (signal !== 'SIGKILL') {
        expect(end.exitCode).toBe(130);
        expect(end.stderr).toMatch(/stopped after \d of 8 trials; go on with: nas search --resume r1/);
      }
      const [run] = JSON.parse((await nas(['runs', '--json'], broken)).stdout);
      expect(run.state).toBe('interrupted');
      expect(run.trials).toBeGreaterThanOrEqual(2);
      expect(run.trials).toBeLessThan(8);
      const resumed = await nas(['search', '--resume', '--json'], broken);
      expect(resumed.exitCode).toBe(0);
      expect(await trialsOf(broken)).toEqual(await trialsOf(project));
    },
  );

  test('a dead training worker costs one trial, not the run', async () => {
    const space = structuredClone(tinySpace);
    space.proxy.recipe.peakLearningRate = 1e9;
    const wild = await temporaryProject();
    writeFileSync(join(wild, 'space.json'), JSON.stringify(space));
    const end = await nas([...SEARCH, '--trials', '3'], wild);
    expect(end.exitCode).toBe(1);
    expect(end.stdout).toContain('no training was completed');
    expect(end.stdout).toContain('trial 0 failed: embedded trainer: the network diverged');
  });

  test('a target that none of the trained networks meets ends with exit code 1 and the closest', async () => {
    const { latencyMs } = JSON.parse(first.stdout).front[0];
    // Just above the fastest network of the space by estimate; the whole network takes longer than its kernels.
    const target = `${(latencyMs * 1.0001 * 1000).toFixed(3)}us`;
    const end = await nas(
      ['search', '--target', target, ...SEARCH.slice(3), '--trials', '3', '--json'],
      project,
    );
    expect([0, 1, 2]).toContain(end.exitCode);
    if (end.exitCode !== 2) expect(JSON.parse(end.stdout).best.meetsTarget).toBe(end.exitCode === 0);
  });

  test('leaves no partial files behind', () => {
    const tables = readdirSync(join(project, 'latency-tables'), { recursive: true, encoding: 'utf8' });
    expect(tables.filter((file) => file.includes('.')).every((file) => file.endsWith('litert.json'))).toBe(
      true,
    );
    expect(readdirSync(join(project, 'runs'))).toEqual(['nas.db']);
  });

  describe('bad input gives a message with the place and the next step, and keeps what is stored', () => {
    const refuse = async (args: readonly string[], cwd: string): Promise<string> => {
      const { exitCode, stdout, stderr } = await nas(args, cwd);
      expect(exitCode).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).not.toMatch(/^\s+at /m);
      return stderr;
    };
    const change = (option: string, value: string): readonly string[] =>
      SEARCH.map((word, i) => (SEARCH[i - 1] === option ? value : word));

    test.each([
      ['a target without unit', '--target', '15', "'15' has no unit; expected a positive number with a unit"],
      ['a target that is none', '--target', 'fast', "'fast' is not a duration"],
      ['an unreachable target', '--target', '1us', 'cannot be reached: the fastest network of tiny needs'],
      [
        'an unknown space',
        '--space',
        'nope',
        'no space or network of that name; expected a file, or a name that nas spaces or nas networks lists',
      ],
      ['a missing space file', '--space', 'nope.json', 'nope.json: no such file'],
      ['an unknown dataset', '--dataset', 'imagenet', "'imagenet'; expected cifar10, folder:PATH"],
      ['a target twice', '--target', '1s,1000ms', '--target: 1000 twice'],
      ['one target of several without unit', '--target', '1s,15', "'15' has no unit"],
      ['a missing dataset', '--dataset', 'folder:nope', 'nope: cannot be read as a folder'],
    ])('%s', async (_, option, value, message) => {
      expect(await refuse(change(option, value), project)).toContain(message);
    });

    test('a space with an error', async () => {
      const text = JSON.stringify(tinySpace).replace(
        '"kernel":{"choose":[3,5]}',
        '"kernel":{"choose":[3,4]}',
      );
      writeFileSync(join(project, 'wrong.json'), text);
      expect(await refuse(change('--space', 'wrong.json'), project)).toContain(
        'wrong.json: stages[1].block.kernel.choose[1] is 4; expected 1, 3, 5 or 7',
      );
      writeFileSync(join(project, 'wrong.json'), text.slice(0, 100));
      expect(await refuse(change('--space', 'wrong.json'), project)).toContain('wrong.json: not JSON');
    });

    test('a damaged picture', async () => {
      const other = await temporaryProject();
      cpSync(join(project, 'latency-tables'), join(other, 'latency-tables'), { recursive: true });
      writeFileSync(join(other, 'pictures', 'dark', '0.png'), 'not a picture');
      const message = await refuse([...SEARCH.map((w) => w), '--trials', '1', '--seed', '3'], other).catch(
        () => '',
      );
      // The picture may not be among the 96 that the seed draws from 120; then nothing is wrong.
      if (message !== '') expect(message).toContain(join('pictures', 'dark', '0.png'));
    });

    test('a damaged latency table', async () => {
      const other = await temporaryProject();
      cpSync(join(project, 'latency-tables'), join(other, 'latency-tables'), { recursive: true });
      const [device = ''] = readdirSync(join(other, 'latency-tables'));
      const table = join(other, 'latency-tables', device, 'litert.json');
      writeFileSync(table, readFileSync(table, 'utf8').slice(0, 500));
      expect(await refuse(SEARCH, other)).toContain('litert.json: ');
      expect(readFileSync(table, 'utf8')).toHaveLength(500);
    });

    test('a damaged database', async () => {
      const other = await temporaryProject();
      cpSync(join(project, 'runs'), join(other, 'runs'), { recursive: true });
      const database = join(other, 'runs', 'nas.db');
      writeFileSync(
        database,
        'no database at all, whatever its name may say; and long enough to be looked at.........',
      );
      expect(await refuse(SEARCH, other)).toContain('nas.db: not a database');
      expect(readFileSync(database, 'utf8')).toContain('no database at all');
    });

    test('another option beside --resume', async () => {
      expect(await refuse(['search', '--resume', '--target', '3ms'], project)).toContain(
        '--target beside it',
      );
    });

    test.each([
      [['--time', '5'], "--time: '5' has no unit"],
      [['--async'], "option '--async' cannot be used with option '--batch"],
      [['--reward', 'hard-limit', '--beta', '-1'], '--beta: a number that hard-limit does not have'],
      [['--device', 'local', '--device', 'local'], '--device: local twice'],
      [['--stop-early', 'soon'], 'Allowed choices are halving, median, none'],
    ])('nas search … %j', async (args, message) => {
      expect(await refuse([...SEARCH, ...args], project)).toContain(message);
    });

    test.each([
      [['show', 'r9'], "no run 'r9'; expected a run such as r"],
      [['show', 'r1/99'], 'run r1: no trial 99; expected 0 to 7'],
      [['pareto', 'x'], "no run 'x'"],
      [['cost', 'mobile'], 'expected one network'],
      [['cost', 'mobilenet-v2', '--width', '-1'], 'Expected a number above 0'],
      [['serach'], "unknown command 'serach'"],
    ])('nas %j', async (args, message) => {
      expect(await refuse(args, project)).toContain(message);
    });
  });
});
