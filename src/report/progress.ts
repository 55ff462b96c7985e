import { createLogUpdate } from 'log-update';

/** Where a command tells how far it is. Everything goes to stderr, so that stdout holds results alone. */
export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** Lines at the bottom of a terminal that the next call replaces; nothing where the output is piped. */
  live(text: string): void;
  /** Takes the live lines away. */
  clear(): void;
}

export function createProgress(stream: NodeJS.WriteStream): Progress {
  if (!stream.isTTY) {
    return { line: (text) => void stream.write(`${text}\n`), live: () => {}, clear: () => {} };
  }
  const update = createLogUpdate(stream);
  return {
    line(text) {
      update.clear();
      stream.write(`${text}\n`);
    },
    live: (text) => update(text),
    clear: () => update.clear(),
  };
}

/** `[=======     ]` */
export function bar(fraction: number, width = 24): string {
  const full = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  return `[${'='.repeat(full)}${' '.repeat(width - full)}]`;
}

/** Seconds still to go when `fraction` of the work took `elapsedSeconds`; `undefined` before anything is done. */
export function secondsLeft(fraction: number, elapsedSeconds: number): number | undefined {
  return fraction > 0 ? (elapsedSeconds * (1 - fraction)) / fraction : undefined;
}
