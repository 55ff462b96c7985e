/** The `signal` of a process whose machine was lost: unplugged, switched off, out of reach. */
export const CONNECTION_LOST = 'connection lost';

/**
 * How a process came to its end: one of the two is not null. `signal` is the name of the signal that ended it, on
 * whatever machine it ran, or `CONNECTION_LOST`: then nobody knows how it ended, and what it wrote is incomplete.
 */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running process, spoken to in lines. */
export interface TransportProcess {
  /** Writes one line to its standard input. A process that has ended ignores it: `exited` tells. */
  writeLine(line: string): void;
  /** Writes to its standard input as is. */
  write(data: string | Uint8Array): void;
  /** Closes its standard input: a polite request to end. */
  closeInput(): void;
  /** The lines of its standard output, to be iterated once; ends when the output does. */
  readonly lines: AsyncIterable<string>;
  /** The end of what it wrote to standard error so far: its last words, for error messages. */
  lastWords(): string;
  /** Resolves when it has ended, however that came about; never rejects once `start` has resolved. */
  readonly exited: Promise<ProcessExit>;
  /** Ends it without asking, and resolves when it is gone, or its machine is. */
  kill(): Promise<void>;
}

export interface StartOptions {
  /** The process is killed after this long, by its own machine too where that is another one. */
  readonly timeoutMs?: number;
  /** The process is killed when this aborts. */
  readonly signal?: AbortSignal;
}

export interface RunOptions extends StartOptions {
  /** All of its standard input. */
  readonly input?: string | Uint8Array;
}

export interface RunResult {
  /** Its lines, joined by newlines. */
  readonly stdout: string;
  /** The end of what it wrote to standard error. */
  readonly stderr: string;
  readonly code: number;
}

/**
 * A way to run processes on some machine: this one, a phone over adb, a host over ssh.
 *
 * Guarantees: arguments reach the process as they are, whatever they contain; output comes line by line while the
 * process runs, to its last byte or the exit says `CONNECTION_LOST`; a process outlives neither `kill`, its time-out,
 * its abort signal nor `close`, and what it has started does not outlive it. A machine that was lost is waited for by
 * the next `start`, and nothing of before runs there when that resolves.
 */
export interface Transport {
  /** For messages: what the processes run on. */
  readonly name: string;
  /** Rejects with a NasError when the program cannot be started, and with the signal's reason when that aborts. */
  start(argv: readonly [string, ...string[]], options?: StartOptions): Promise<TransportProcess>;
  /** Runs a process to its end. Rejects with a NasError when it was killed, by whomever, or its machine lost. */
  run(argv: readonly [string, ...string[]], options?: RunOptions): Promise<RunResult>;
  /**
   * Puts a file where the processes run, executable, under a name that holds its SHA-256, and returns its path
   * there. A file that is there already is not sent again; one that arrives damaged is an error.
   */
  push(localPath: string): Promise<string>;
  /** Ends every process it has started, and the connection. */
  close(): Promise<void>;
}
