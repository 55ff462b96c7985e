import { RunnerLost } from '../../runner-client.ts';
import { CONNECTION_LOST, type Transport, type TransportProcess } from '../../transports/transport.ts';
import { explainFailure } from './benchmark-failure.ts';

export interface BenchmarkRun {
  /** For messages: the device that is measured, ... */
  readonly device: string;
  /** ... and what for. */
  readonly doing: string;
  readonly transport: Pick<Transport, 'start'>;
  readonly argv: readonly [string, ...string[]];
  readonly timeoutMs?: number | undefined;
  readonly signal: AbortSignal;
}

/** Twice what its two phases may take, loading and a run under way included, of any network that a phone runs. */
const LONG_ENOUGH_MS = 120_000;
/** It writes some forty; whatever writes more is another program. */
const KEPT_LINES = 2_000;

/**
 * Runs `benchmark_model` to its end and returns what it wrote. Rejects with `RunnerLost` where the device was lost
 * meanwhile, or the program did not end by itself, which may be better the next time; with a NasError where the program
 * failed; and with the signal's reason when that aborts.
 */
export async function runBenchmark(run: BenchmarkRun): Promise<readonly string[]> {
  const { device, doing, transport, argv, timeoutMs = LONG_ENOUGH_MS, signal } = run;
  // What is on which of its two outputs has changed from version to version.
  const merged = ['sh', '-c', 'exec "$@" 2>&1', 'sh', ...argv] as const;
  let isLate = false;
  // Before the transport sets its own, which ends the process.
  const timer = setTimeout(() => {
    isLate = true;
  }, timeoutMs);
  const lines: string[] = [];
  let process: TransportProcess;
  try {
    process = await transport.start(merged, { timeoutMs, signal });
    process.closeInput();
    for await (const line of process.lines) {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
    }
  } finally {
    clearTimeout(timer);
  }
  const exit = await process.exited;
  signal.throwIfAborted();
  if (exit.code === 0) return lines;
  if (exit.signal === CONNECTION_LOST) {
    throw new RunnerLost(device, {
      found: `the connection was lost while ${doing}`,
      next: 'connect it again and measure again; what is measured stays',
    });
  }
  if (isLate && exit.signal !== null) {
    throw new RunnerLost(`${device}: benchmark_model`, {
      found: `it had not ended after ${timeoutMs / 1000} s of ${doing}`,
      expected: 'its times',
      next: 'see what keeps the device busy and measure again; what is measured stays',
    });
  }
  throw explainFailure({ device, doing, exit, lines });
}
