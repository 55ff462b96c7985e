import { setMaxListeners } from 'node:events';

/** What the program's exit code says. */
export const EXIT = {
  done: 0,
  /** The work was finished, but no network meets the target. */
  targetMissed: 1,
  /** Of the user, the configuration or the surroundings. */
  userError: 2,
  interrupted: 130,
} as const;

/** Ends a command after Ctrl-C; the message tells how to go on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** A signal that Ctrl-C or SIGTERM aborts. A second Ctrl-C ends the process at once. */
export function interruptSignal(onInterrupt: () => void): AbortSignal {
  const controller = new AbortController();
  // Each of a thousand waiting tasks listens.
  setMaxListeners(0, controller.signal);
  const abort = (): void => {
    if (controller.signal.aborted) return;
    controller.abort(new Interrupted());
    onInterrupt();
  };
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    abort();
  });
  process.on('SIGTERM', abort);
  return controller.signal;
}
