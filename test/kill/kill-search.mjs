// Kills a search with SIGKILL at random moments, resumes it each time, and compares what it stored with an unbroken one.
// Usage: node test/kill/kill-search.mjs FOLDER [KILLS [async|batches [TRIALS]]]; FOLDER has space.json and pictures/.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRng } from '../../dist/base/rng.js';
import { storedIn } from './stored-in.mjs';

const CHILD = fileURLToPath(new URL('run-search.mjs', import.meta.url));
/** A kill comes after fewer writes of a session than this, and then after at most so long. */
const MOST_WRITES = 12;
const SPAN_MS = 300;

/** Runs the search until it ends, or until it is killed, so long after so many writes. Tells whether it ended. */
async function session(folder, args, kill) {
  const child = spawn(process.execPath, [CHILD, ...args], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  let timer;
  child.stderr.setEncoding('utf8').on('data', (text) => {
    complaint += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
    const isReady = said.includes('ready') && said.split('.').length > kill?.writes;
    if (isReady) timer ??= setTimeout(() => child.kill('SIGKILL'), kill.delayMs);
  });
  const [code, signal] = await once(child, 'close');
  clearTimeout(timer);
  if (signal === null && code !== 0) throw new Error(`the search ended with ${code}:\n${complaint}`);
  return said.includes('done');
}

/**
 * Searches in copies of a folder with so many kills in all, run after run, and returns for each run that ended whether
 * it stored what the unbroken one did.
 */
async function killSearches({ source, kills, mode, workers, trials, seed, report }) {
  const args = [mode, String(workers), String(trials)];
  const rng = createRng(`kills ${seed}`);
  const folders = mkdtempSync(join(tmpdir(), 'nas-kill-'));
  try {
    const copy = (name) => {
      const folder = join(folders, name);
      cpSync(source, folder, { recursive: true });
      return folder;
    };
    const unbroken = copy('unbroken');
    await session(unbroken, args);
    const expected = storedIn(unbroken);
    report(
      `unbroken: ${expected.trials.length} trials, ${expected.rungs.length} rungs, ${expected.failures.length} failures`,
    );
    const runs = [];
    for (let left = kills; left > 0; ) {
      const folder = copy(`run ${runs.length}`);
      let ended = false;
      let killed = 0;
      while (!ended) {
        const kill = { writes: rng.integer(MOST_WRITES), delayMs: rng.uniform() * SPAN_MS };
        ended = await session(folder, args, left > 0 ? kill : undefined);
        if (!ended) {
          left--;
          killed++;
          const { trials: stored } = storedIn(folder);
          report(`kill ${kills - left} of ${kills}: ${stored.length} trials stored`);
        }
      }
      const found = storedIn(folder);
      const different = Object.keys(expected).filter((name) => expected[name].join() !== found[name].join());
      const leftBehind = readdirSync(join(folder, 'runs')).filter(
        (file) => !/^nas\.db(-(shm|wal))?$|^weights$/.test(file),
      );
      runs.push({ killed, different, leftBehind, trials: found.trials.length });
      report(
        `ended after ${killed} kills: ${different.length === 0 ? 'as the unbroken one' : `other ${different}`}`,
      );
    }
    return {
      trials: expected.trials.length,
      stopped: expected.trials.filter((row) => row.includes('"stopped"')).length,
      failures: expected.failures.length,
      runs,
    };
  } finally {
    rmSync(folders, { recursive: true, force: true });
  }
}

const [, , source, kills = '50', mode = 'batches', trials = '120'] = process.argv;
const found = await killSearches({
  source,
  kills: Number(kills),
  mode,
  // Trainings side by side end in an order that differs from time to time; so without batches there is one at a time.
  workers: mode === 'async' ? 1 : 2,
  trials: Number(trials),
  seed: mode,
  report: (text) => process.stderr.write(`${text}\n`),
});
process.stdout.write(`${JSON.stringify(found)}\n`);
process.exitCode = found.runs.some(({ different, leftBehind }) => different.length + leftBehind.length > 0)
  ? 1
  : 0;
