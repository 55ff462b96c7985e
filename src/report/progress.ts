import { createLogUpdate } from 'log-update';
import { printable } from '../base/printable.ts';
import { TERMINAL_COLUMNS, wrapLines } from './wrap.ts';

/** What a terminal shows at once, in characters. */
export interface Room {
  readonly columns: number;
  readonly rows: number;
}

/** Where a command tells how far it is. Everything goes to stderr, so that stdout holds results alone. */
export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** Lines at the bottom of a terminal that the next call replaces; nothing where the output is piped. */
  live(text: string): void;
  /** For what `live` is to show, as wide and as high as the terminal is at the moment. */
  room(): Room;
  /** Takes the live lines away. */
  clear(): void;
}

const TERMINAL_ROWS = 24;
/** Under the text of a line that begins with a word in a column of its own. */
const BELOW_LABEL = ' '.repeat(9);

export function createProgress(stream: NodeJS.WriteStream): Progress {
  const room = (): Room => ({
    columns: stream.columns || TERMINAL_COLUMNS,
    rows: stream.rows || TERMINAL_ROWS,
  });
  if (!stream.isTTY) {
    return {
      line: (text) => void stream.write(`${printable(text)}\n`),
      live: () => {},
      room,
      clear: () => {},
    };
  }
  const update = createLogUpdate(stream);
  return {
    line(text) {
      update.clear();
      stream.write(`${wrapLines(printable(text), BELOW_LABEL, room().columns)}\n`);
    },
    live: (text) => update(wrapLines(printable(text), '  ', room().columns)),
    room,
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
