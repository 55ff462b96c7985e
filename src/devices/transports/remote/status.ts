import type { ProcessExit } from '../transport.ts';

/** Signals by the numbers that Linux gives them on every processor a phone may have. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
};

/** A shell's `$?`, which is 128 + n for a process that signal n has ended. */
export function exitOfStatus(status: number): ProcessExit {
  const signal = SIGNALS[status - 128];
  return signal === undefined ? { code: status, signal: null } : { code: null, signal };
}
