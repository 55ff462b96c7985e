import { cpSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { addMeasuredTables } from './measured-tables.ts';
import { nas, SEARCH, startNas, temporaryFolder, temporaryProject, tinySpace } from './nas.ts';

/** Trainings long enough to be killed within. */
const EPOCHS = 200;
const ARGUMENTS = [...SEARCH, '--trials', '2', '--workers', '1'];
const CHECKPOINTS = join('runs', 'r1-checkpoints');

const accuraciesOf = (stdout: string): unknown =>
  (JSON.parse(stdout).trials as { accuracy?: number }[]).map(({ accuracy }) => accuracy);

/** Those that are whole. */
function checkpointsIn(project: string): readonly string[] {
  const folder = join(project, CHECKPOINTS);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.safetensors'))
    .map((file) => join(folder, file));
}

describe('a search that is killed within a training', () => {
  let unbroken: string;
  let killed: string;

  beforeAll(async () => {
    unbroken = await temporaryProject();
    const space = structuredClone(tinySpace);
    space.proxy.recipe.epochs = EPOCHS;
    writeFileSync(join(unbroken, 'space.json'), JSON.stringify(space));
    await addMeasuredTables(unbroken);
    const { exitCode } = await nas(ARGUMENTS, unbroken);
    expect(exitCode).toBe(0);
    killed = temporaryFolder();
    cpSync(unbroken, killed, { recursive: true });
    rmSync(join(killed, 'runs'), { recursive: true });

    const { child, ended } = startNas(ARGUMENTS, killed);
    while (checkpointsIn(killed).length === 0 && child.exitCode === null) await sleep(5);
    child.kill('SIGKILL');
    await ended;
  });

  test('goes on from the checkpoint to the accuracies of the unbroken one, and leaves no checkpoints', async () => {
    const resumed = temporaryFolder();
    cpSync(killed, resumed, { recursive: true });
    expect((await nas(['search', '--resume'], resumed)).exitCode).toBe(0);
    const [found, expected] = await Promise.all(
      [resumed, unbroken].map(async (folder) =>
        accuraciesOf((await nas(['show', 'r1', '--json'], folder)).stdout),
      ),
    );
    expect(found).toEqual(expected);
    for (const folder of [resumed, unbroken]) expect(existsSync(join(folder, CHECKPOINTS))).toBe(false);
  });

  test('reads the checkpoint: where it is damaged the training is said to fail, and begins anew', async () => {
    const [file = ''] = checkpointsIn(killed);
    writeFileSync(file, 'damaged');
    const { stdout, stderr } = await nas(['search', '--resume', '--json'], killed);
    expect(stderr).toMatch(/trial +\d+ +attempt 1 failed: .*r1-checkpoints/);
    expect(JSON.parse(stdout).trials).toBe(2);
    expect(existsSync(join(killed, CHECKPOINTS))).toBe(false);
  });
});
