import { startChild } from './child.ts';
import { limit } from './limits.ts';
import { createLineQueue } from './lines.ts';
import { runToEnd } from './run.ts';
import type { Transport } from './transport.ts';

/** Runs processes on this machine, as children of this one. */
export const localTransport: Transport = {
  name: 'this machine',
  async start(argv, options = {}) {
    options.signal?.throwIfAborted();
    const child = await startChild(argv);
    const queue = createLineQueue({ onFlood: child.kill });
    child.stdout.on('data', queue.push).once('close', queue.end);
    const process = {
      writeLine: (line: string) => void child.stdin.write(`${line}\n`),
      write: (data: string | Uint8Array) => void child.stdin.write(data),
      closeInput: () => void child.stdin.end(),
      lines: queue.lines,
      lastWords: child.lastWords,
      exited: child.closed,
      async kill() {
        child.kill();
        await child.closed;
      },
    };
    return limit(process, options);
  },
  run: (argv, options = {}) => runToEnd(localTransport, argv, options),
  push: async (localPath) => localPath,
  // Nothing is kept; processes end by themselves, by `kill` or by their limits.
  close: async () => {},
};
