import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { median } from 'simple-statistics';

const NAS = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/**
 * Commands of nas in a folder, each once: what a step came to is kept in `steps.json` there when it has ended, and a step
 * that was cut off goes on with --resume where its command has that. So the whole may be killed and started again.
 */
export function createSteps(folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'steps.json');
  const done = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  return {
    folder,
    done,
    async once(name, work) {
      if (name in done) return done[name].result;
      process.stderr.write(`${name}\n`);
      const startMs = performance.now();
      const result = await work();
      done[name] = { result, seconds: (performance.now() - startMs) / 1000 };
      writeFileSync(`${file}.new`, JSON.stringify(done, null, 1));
      renameSync(`${file}.new`, file);
      return result;
    },
    /** The JSON document of a command. Exit code 1, a target that was missed, is an answer too. */
    nas: (args) => run(folder, args),
    /** The same of one that goes on with --resume where it was stopped. */
    async resumable(args) {
      try {
        return await run(folder, args);
      } catch (error) {
        if (!/add --resume to go on/.test(error.message)) throw error;
        return run(folder, [...args, '--resume']);
      }
    },
  };
}

async function run(folder, args) {
  try {
    const options = { cwd: folder, maxBuffer: 2 ** 28 };
    const { stdout } = await promisify(execFile)(process.execPath, [NAS, ...args, '--json'], options);
    return JSON.parse(stdout);
  } catch (error) {
    if (error.code === 1) return JSON.parse(error.stdout);
    throw new Error(`nas ${args.join(' ')}\n${error.stderr ?? error.message}`);
  }
}

/** By how much latency falls from one α to the next is a matter of whole channels; α is told to a hundredth. */
const STEP = 0.01;
/** How often two networks are measured in turns, to tell which is faster. */
const TURNS = 3;

/**
 * The width multiplier α, in hundredths, at which a network needs the latency of another: the narrowest that is not faster,
 * measured in turns with it, so that what is compared with it never has the longer time. Sought from the α that measures so
 * when each is measured once.
 */
export async function widthOfLatency(steps, network, subject, latencyMs, device) {
  const widthOf = (hundredths) => (hundredths * STEP).toFixed(2);
  const medianMs = async (args) => (await steps.nas(['measure', ...args, ...device])).medianMs;
  const scaled = (hundredths) => [network, '--width', widthOf(hundredths)];
  const once = (hundredths) =>
    steps.once(`measure ${network} ${widthOf(hundredths)}`, () => medianMs(scaled(hundredths)));
  let [low, high] = [5, 10];
  while ((await once(high)) < latencyMs) {
    low = high;
    high *= 2;
    if (high > 1000) throw new Error(`${network} is faster than ${latencyMs} ms at every width`);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await once(middle)) < latencyMs) low = middle;
    else high = middle;
  }
  const isFaster = (hundredths) =>
    steps.once(`is ${network} ${widthOf(hundredths)} faster than ${subject}`, async () => {
      const ratios = [];
      for (let turn = 0; turn < TURNS; turn++) {
        const ours = await medianMs([subject]);
        ratios.push((await medianMs(scaled(hundredths))) / ours);
      }
      return median(ratios) < 1;
    });
  let found = high;
  if (await isFaster(found)) {
    do found++;
    while (await isFaster(found));
  } else {
    while (!(await isFaster(found - 1))) found--;
  }
  return Number(widthOf(found));
}

/** How often each network is measured in the end. */
const ROUNDS = 5;

/**
 * The rows with their latencies, all measured in turns, one network after the other and then all of them again: what slows the
 * device for a while slows all alike. A latency is the median of its rounds.
 */
export async function withLatencies(steps, rows, device) {
  const subjects = new Map(rows.map(({ subject }) => [subject.join(' '), subject]));
  const rounds = new Map([...subjects.keys()].map((name) => [name, []]));
  for (let round = 1; round <= ROUNDS; round++) {
    for (const [name, subject] of subjects) {
      const measure = () => steps.nas(['measure', ...subject, ...device]);
      const { medianMs } = await steps.once(`round ${round}: measure ${name}`, measure);
      rounds.get(name).push(medianMs);
    }
  }
  return rows.map(({ subject, ...row }) => {
    const measuredMs = rounds.get(subject.join(' '));
    const latencyRangeMs = [Math.min(...measuredMs), Math.max(...measuredMs)];
    return { ...row, latencyMs: median(measuredMs), latencyRangeMs };
  });
}
