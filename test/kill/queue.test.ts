import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryProject } from '../cli/nas.ts';
import { NO_REDIS } from '../workers/queue/redis.ts';
import { killSpace } from './kill-space.ts';

const SCRIPT = fileURLToPath(new URL('kill-queue.mjs', import.meta.url));
const TRIALS = 200;
const KILLS = 10;

/** The long form: `node test/kill/kill-queue.mjs FOLDER 100`. */
test('200 trials by four workers that are killed, as Redis and the search are: none lost, none twice, none other', async (context) => {
  if (NO_REDIS !== undefined) context.skip(NO_REDIS);
  const source = await temporaryProject();
  writeFileSync(join(source, 'space.json'), JSON.stringify(killSpace()));
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, source, `${KILLS}`, `${TRIALS}`]);
  const { counts, ...found } = JSON.parse(stdout);
  expect(found).toEqual({ trials: TRIALS, failures: 0, different: [], leftBehind: 0 });
  expect(counts.worker + counts.redis + counts.search).toBe(KILLS);
});
