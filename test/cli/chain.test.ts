import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Card } from '../../src/report/card.ts';
import { openAdaptationLog } from '../../src/store/adaptations.ts';
import { openTrainingLog } from '../../src/store/trainings.ts';
import { CHAIN, chainProject, SEARCH, targetIn } from './chain-project.ts';
import { type Ended, nas, startNas, waitFor } from './nas.ts';

const cardIn = (folder: string): Card => JSON.parse(readFileSync(join(folder, 'out', 'card.json'), 'utf8'));

/** What a chain says within each of its stages. */
const MOMENTS = ['1/1  trial', 'retrain  1/1', ' → ', 'epoch 1/3', 'stage 4/5', 'stage 5/5'];

describe('nas search --adapt --train --export, killed in every stage', () => {
  let folder: string;
  let ended: Ended;
  /** Of all its sessions. */
  let said = '';
  beforeAll(async () => {
    folder = await chainProject();
    const options = [...SEARCH, ...CHAIN, '--target', await targetIn(folder)];
    for (const [session, moment] of MOMENTS.entries()) {
      const { child, ended: killed } = startNas(session === 0 ? options : ['search', '--resume'], folder);
      await waitFor(child, moment);
      child.kill('SIGKILL');
      said += (await killed).stderr;
    }
    ended = await nas(['search', '--resume'], folder);
    said += ended.stderr;
  }, 1_800_000);

  test('goes from a space to a verified file, stage by stage', () => {
    expect(said).not.toMatch(/^error/m);
    const stages = [...said.matchAll(/^stage (\d\/5) (\w+):/gm)].map(([, ...found]) => found.join(' '));
    expect([...new Set(stages)]).toEqual([
      '1/5 adapt',
      '2/5 train',
      '3/5 export',
      '4/5 verify',
      '5/5 compare',
    ]);
    const { verification } = cardIn(folder);
    expect(ended.exitCode).toBe(verification.met ? 0 : 1);
    expect(verification.met).toBe(verification.deployed.latency.medianMs <= verification.targetMs!);
  });

  test('goes on with --resume and does nothing twice', async () => {
    const file = join(folder, 'runs', 'nas.db');
    const adaptations = openAdaptationLog(file, { readOnly: true });
    const trainings = openTrainingLog(file, { readOnly: true });
    expect(adaptations.all().map(({ id }) => id)).toEqual(['a1']);
    expect(trainings.all().map(({ id }) => id)).toEqual(['t1']);
    adaptations.close();
    trainings.close();
    const runs = JSON.parse((await nas(['runs', '--json'], folder)).stdout);
    expect(runs[0]).toMatchObject({ run: 'r2', state: 'finished' });
  });

  test('ends with a card, printed and as files', () => {
    const card = cardIn(folder);
    const { verification, adaptation, training, references } = card;
    expect(card).toMatchObject({ run: 'r2', network: 'a1', dataset: 'folder:pictures' });
    expect(card.found).toBe('r2/0');
    expect(said.match(/retrain {2}1\/1/g)).toHaveLength(1);
    expect(adaptation?.steps).toBeGreaterThan(0);
    expect(adaptation?.latencyMs[1]).toBeLessThanOrEqual(verification.targetMs!);
    expect(training).toMatchObject({ training: 't1', test: null, epochs: 3 });
    expect(verification.asFile).toBeNull();
    expect(verification.deployed).toMatchObject({ resolution: 32, classes: 2, latency: { ran: 'file' } });
    // Of the file, by LiteRT, and of the same weights in the trainer.
    expect(verification.accuracy).toMatchObject({
      ...{ images: 12, ranOn: 'device', trained: training?.validation },
      accuracy: training?.validation,
    });
    expect(references).toHaveLength(6);
    expect(references.every(({ latencyMs }) => latencyMs === null || latencyMs > 0)).toBe(true);
    expect(Object.keys(card.seconds)).toEqual(['search', 'adapt', 'train', 'verify', 'compare']);
    for (const { path } of card.files) expect(existsSync(join(folder, path))).toBe(true);
    expect(card.files.map(({ path }) => path)).toContain(verification.file.path);
    const markdown = readFileSync(join(folder, 'out', 'card.md'), 'utf8');
    for (const text of [markdown, ended.stdout]) {
      expect(text).toContain('a1');
      expect(text).toMatch(/target .* (met|missed)/);
      for (const { name } of references) expect(text).toContain(name);
    }
  });

  test('--json is one document, of a chain that is over too: nothing is done again', async () => {
    const again = await nas(['search', '--resume', 'r2', '--json'], folder);
    const { card, ...document } = JSON.parse(again.stdout);
    expect(document).toMatchObject({ run: 'r2', trials: 1 });
    const { madeAt: _, seconds: __, ...expected } = cardIn(folder);
    expect(card).toMatchObject(expected);
    expect(again.exitCode).toBe(ended.exitCode);
    expect(again.stderr.match(/done before/g)).toHaveLength(4);
  });

  test('--train alone trains the answer, at the resolution and with the strides asked for', async () => {
    const recipe = ['--recipe', 'recipe.json', '--epochs', '1', '--resolution', '24', '--strides', '1'];
    const options = ['--train', ...recipe, '--target', '1s'];
    const { stdout, stderr, exitCode } = await nas([...SEARCH, ...options, '--json'], folder);
    expect(stderr).not.toMatch(/^error/m);
    expect(stderr).toMatch(/MACs at 24x24, 1 of its \d strides/);
    expect(exitCode).toBe(0);
    const { best, run, card } = JSON.parse(stdout);
    expect(card).toMatchObject({
      network: `${run}/${best.trial}`,
      adaptation: null,
      training: { epochs: 1 },
    });
    expect(existsSync(join(folder, 'runs', `${run}-export`, 'card.md'))).toBe(true);
  });

  test.each([
    [['--target', '1s', '--export', 'out'], '--export: no weights'],
    [['--target', '1s,2s', '--adapt'], '--adapt: a search with 2 answers; expected one target on one device'],
    [['--target', '1s', '--train', '--recipe', 'none'], "no recipe 'none'"],
  ])('%j is refused before anything is done', async (options, message) => {
    const { exitCode, stderr, stdout } = await nas([...SEARCH, ...options], folder);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
  });
});
