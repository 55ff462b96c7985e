/** How a process came to its end: one of the two is not null. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running process, spoken to in lines. */
export interface TransportProcess {
  /** Writes one line to its standard input. A process that has ended ignores it: `exited` tells. */
  writeLine(line: string): void;
  /** Closes its standard input: a polite request to end. */
  closeInput(): void;
  /** The lines of its standard output, to be iterated once; ends when the output does. */
  readonly lines: AsyncIterable<string>;
  /** The end of what it wrote to standard error so far: its last words, for error messages. */
  lastWords(): string;
  /** Resolves when it has ended, however that came about; never rejects once `start` has resolved. */
  readonly exited: Promise<ProcessExit>;
  /** Ends it without asking, and resolves when it is gone. */
  kill(): Promise<void>;
}

interface StartOptions {
  /** The process is killed after this long. */
  readonly timeoutMs?: number;
  /** The process is killed when this aborts. */
  readonly signal?: AbortSignal;
}

/**
 * A way to run processes on some machine: this one, a phone over adb, a host over ssh.
 *
 * Guarantees: arguments reach the process as they are, whatever they contain, with no shell between; output comes
 * line by line while the process runs; a process outlives neither `kill`, its time-out nor its abort signal.
 */
export interface Transport {
  /** For messages: what the processes run on. */
  readonly name: string;
  /** Rejects with a NasError when the program cannot be started. */
  start(argv: readonly [string, ...string[]], options?: StartOptions): Promise<TransportProcess>;
}
