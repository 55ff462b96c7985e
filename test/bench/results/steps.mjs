import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

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

/**
 * The width multiplier α, in hundredths, at which a network needs a latency: the narrowest that is not measured below it,
 * so that what is compared with it never has the longer time. Each α is measured once.
 */
export async function widthOfLatency(steps, network, latencyMs, device) {
  const measured = async (hundredths) => {
    const width = (hundredths * STEP).toFixed(2);
    const name = `measure ${network} ${width}`;
    const { medianMs } = await steps.once(name, () =>
      steps.nas(['measure', network, '--width', width, ...device]),
    );
    return medianMs;
  };
  let [low, high] = [5, 10];
  while ((await measured(high)) < latencyMs) {
    low = high;
    high *= 2;
    if (high > 1000) throw new Error(`${network} is faster than ${latencyMs} ms at every width`);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if ((await measured(middle)) < latencyMs) low = middle;
    else high = middle;
  }
  return { width: Number((high * STEP).toFixed(2)), latencyMs: await measured(high) };
}
