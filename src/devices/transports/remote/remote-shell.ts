import type { NasError } from '../../../base/errors.ts';

/** What tells one way to another machine from the next; all else is the same, see remote-transport.ts. */
export interface RemoteShell {
  /** For messages: the device's name. */
  readonly name: string;
  /** Where pushed files go on that machine, as a word in its shell's language. */
  readonly folder: string;
  /**
   * Makes the machine reachable, if that needs anything. Rejects with a NasError where it is not, which says what to
   * do. `isStuck`: no answer came over the last connection, or there was none although the machine was reached.
   */
  reach(isStuck: boolean): Promise<void>;
  /**
   * The command on this machine that has `script` run by the other one's shell, with its input, output and errors.
   * The guard's comes first and ends last; see connection.ts.
   */
  client(script: string, role: 'guard' | 'process'): readonly [string, ...string[]];
  /** What is wrong, from the words of a client that ended before the script had started. */
  explain(words: string): NasError;
  /** Removes what `reach` has made on this machine. */
  close(): Promise<void>;
}
