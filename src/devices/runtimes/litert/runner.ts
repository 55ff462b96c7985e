import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { type Answer, PROTOCOL_VERSION } from '../../runner-protocol.ts';
import { createBench } from './bench.ts';
import { liteRtVersion, loadLiteRt } from './load-litert.ts';
import { respond } from './respond.ts';
import { type RunClock, tickOf } from './run-clock.ts';

/*
 * The entry of a process: LiteRT behind the protocol of runner-protocol.ts.
 */

/** Standard output is for answers alone; what LiteRT prints there is turned to standard error. */
const writeAnswer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;

function answer(line: Answer): void {
  writeAnswer(`${JSON.stringify(line)}\n`);
}

const nowMs = (): number => performance.now();

const clock: RunClock = {
  nowMs,
  tickMs: tickOf(nowMs),
  usage() {
    const { userCPUTime, systemCPUTime, involuntaryContextSwitches } = process.resourceUsage();
    return { cpuUs: userCPUTime + systemCPUTime, switches: involuntaryContextSwitches };
  },
};

async function serve(): Promise<void> {
  // Listening comes first: the host may be gone before LiteRT is loaded.
  const input = createInterface({ input: process.stdin });
  const lines = input[Symbol.asyncIterator]();
  input.once('close', () => process.exit(0));
  const engine = { liteRt: await loadLiteRt(), accelerator: 'wasm' } as const;
  const bench = createBench({ engine, clock, breathe: setImmediate });
  answer({
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    runtime: 'litert',
    runtimeVersion: liteRtVersion(),
    architecture: process.arch,
    threads: 1,
    core: null,
    dtypes: ['float32'],
    models: 'run',
  });
  for await (const line of lines) answer(await respond(line, bench));
}

await serve();
