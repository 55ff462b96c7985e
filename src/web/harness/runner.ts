import type { Start } from '../../devices/transports/browser/page-messages.ts';
import type { FromWorker } from './worker-messages.ts';

export interface Runner {
  send(line: string): void;
  /** At once, whatever it is doing. */
  end(): void;
}

export interface RunnerListener {
  onLine(line: string): void;
  onFailure(why: string): void;
}

/** Starts the worker that runs LiteRT. */
export function startRunner(start: Start, { onLine, onFailure }: RunnerListener): Runner {
  const worker = new Worker('/worker.js', { name: start.runtime });
  worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => {
    if ('line' in data) onLine(data.line);
    else onFailure(data.failed);
  });
  worker.addEventListener('error', ({ message }) => onFailure(message || 'the worker did not start'));
  worker.postMessage(start);
  return { send: (line) => worker.postMessage(line), end: () => worker.terminate() };
}
