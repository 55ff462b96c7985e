import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryProject, tinySpace } from '../cli/nas.ts';

const SCRIPT = fileURLToPath(new URL('kill-search.mjs', import.meta.url));

/** 1,728 networks, and rungs of each kind: of other images, and a pause of the full training. */
function killSpace() {
  const space = structuredClone(tinySpace);
  const [first, middle, last] = space.stages;
  const stages = [first, middle, { ...middle, stride: 2 }, middle, last];
  const rungs = [{ epochs: 1, resolution: 4, trainImages: 32 }, { epochs: 1 }];
  return { ...space, name: 'killed', proxy: { ...space.proxy, rungs }, stages };
}

/** The long form: `node test/kill/kill-search.mjs FOLDER 50 batches`, and with `async`. */
test.each(['batches', 'async'])(
  'a search in %s, killed and resumed, ends with the trials of the unbroken one',
  async (mode) => {
    const source = await temporaryProject();
    writeFileSync(join(source, 'space.json'), JSON.stringify(killSpace()));
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, source, '4', mode, '40']);
    const { trials, stopped, failures, runs } = JSON.parse(stdout);
    expect(trials).toBe(40);
    expect(stopped).toBeGreaterThan(10);
    expect(failures).toBe(0);
    expect(runs.reduce((sum: number, { killed }: { killed: number }) => sum + killed, 0)).toBe(4);
    for (const run of runs) expect(run).toMatchObject({ different: [], leftBehind: [], trials });
  },
);
