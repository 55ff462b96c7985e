import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that appends trials to a run as fast as it can and reports the number of each. */
export interface Writer {
  /** Of the trial that it reported last; −1 before the first. */
  reported(): number;
  /** Waits for a report. Rejects with what the process complained of where it ends instead. */
  nextReport(): Promise<void>;
  /** Whether it still runs and has complained of nothing. */
  isWell(): boolean;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

export function startWriter(file: string, run: string): Writer {
  const script = fileURLToPath(new URL('append-forever.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, file, run], { stdio: ['ignore', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  let text = '';
  let reported = -1;
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    const lines = (text + part).split('\n');
    text = lines.pop() ?? '';
    reported = Number(lines.at(-1) ?? reported);
  });
  return {
    reported: () => reported,
    async nextReport() {
      const ended = closed.then(([code, signal]) => {
        throw new Error(`the writer ended (${signal ?? `exit code ${code}`}): ${complaint}`);
      });
      await Promise.race([once(child.stdout, 'data'), ended]);
    },
    isWell: () => complaint === '' && child.exitCode === null,
    async kill(signal = 'SIGKILL') {
      child.kill(signal);
      await closed;
    },
  };
}
