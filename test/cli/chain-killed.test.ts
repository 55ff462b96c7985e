import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Card } from '../../src/report/card.ts';
import { openAdaptationLog } from '../../src/store/adaptations.ts';
import { openTrainingLog } from '../../src/store/trainings.ts';
import { CHAIN, chainProject, SEARCH, targetIn } from './chain-project.ts';
import { nas, startNas, waitFor } from './nas.ts';

test('a chain that is killed in every stage goes on with --resume and does nothing twice', async () => {
  const killed = await chainProject();
  const options = [...SEARCH, ...CHAIN, '--target', await targetIn(killed)];
  const moments = ['1/1  trial', '  1/', 'epoch 1/3', 'stage 4/5', 'stage 5/5'];
  for (const [session, moment] of moments.entries()) {
    const { child, ended } = startNas(session === 0 ? options : ['search', '--resume'], killed);
    await waitFor(child, moment);
    child.kill('SIGKILL');
    await ended;
  }
  const last = await nas(['search', '--resume', '--json'], killed);
  expect(last.stderr).not.toMatch(/^error/m);
  const { card }: { card: Card } = JSON.parse(last.stdout);
  expect(card).toMatchObject({ run: 'r2', network: 'a1', training: { training: 't1', epochs: 3 } });
  expect(last.exitCode).toBe(card.verification.met ? 0 : 1);
  const file = join(killed, 'runs', 'nas.db');
  const adaptations = openAdaptationLog(file, { readOnly: true });
  const trainings = openTrainingLog(file, { readOnly: true });
  expect(adaptations.all().map(({ id }) => id)).toEqual(['a1']);
  expect(trainings.all().map(({ id }) => id)).toEqual(['t1']);
  adaptations.close();
  trainings.close();
  const runs = JSON.parse((await nas(['runs', '--json'], killed)).stdout);
  expect(runs[0]).toMatchObject({ run: 'r2', state: 'finished' });
}, 1_800_000);
