import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryProject } from '../cli/nas.ts';
import { killSpace } from './kill-space.ts';

const SCRIPT = fileURLToPath(new URL('kill-search.mjs', import.meta.url));

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
