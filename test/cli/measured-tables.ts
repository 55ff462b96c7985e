import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { digestOf } from '../../src/base/digest.ts';
import { nas, temporaryFolder } from './nas.ts';

const TABLES = 'latency-tables';

/**
 * Puts the latency table of `space.json` in `folder`, measured on this machine, beside it. Only the first test of a run
 * that wants a space's table waits for a measurement; others copy it, whichever process they are in.
 */
export async function addMeasuredTables(folder: string): Promise<void> {
  const space = readFileSync(join(folder, 'space.json'), 'utf8');
  const { stages, resolution, classes } = JSON.parse(space);
  const kept = join(inject('sharedFolder'), digestOf({ stages, resolution, classes }));
  while (!existsSync(kept)) {
    if (!lock(`${kept}.lock`)) {
      await sleep(200);
      continue;
    }
    try {
      const place = temporaryFolder();
      cpSync(join(folder, 'space.json'), join(place, 'space.json'));
      const { exitCode, stderr } = await nas(
        ['profile', '--space', 'space.json', '--runtime', 'litert'],
        place,
      );
      if (exitCode !== 0) throw new Error(stderr);
      renameSync(join(place, TABLES), kept);
    } finally {
      rmdirSync(`${kept}.lock`);
    }
  }
  cpSync(kept, join(folder, TABLES), { recursive: true });
}

function lock(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
