/** What an error tells besides where it happened. Clauses, not sentences: no capital, no final period. */
export interface ErrorDetail {
  readonly found: string;
  readonly expected?: string;
  /** What the reader should do now: a command or an edit. */
  readonly next?: string;
  readonly cause?: unknown;
}

/**
 * The one error class for everything a person can cause or mend: bad input, a missing file, a dead worker.
 * Its message reads `where: found; expected …`; `next` is printed on a line of its own.
 * Anything else that is thrown is a defect of the program.
 */
export class NasError extends Error {
  override readonly name = 'NasError';
  readonly where: string;
  readonly found: string;
  readonly expected: string | undefined;
  readonly next: string | undefined;

  constructor(where: string, detail: ErrorDetail) {
    const expected = detail.expected === undefined ? '' : `; expected ${detail.expected}`;
    super(`${where}: ${detail.found}${expected}`, { cause: detail.cause });
    this.where = where;
    this.found = detail.found;
    this.expected = detail.expected;
    this.next = detail.next;
  }

  /** What it was made of, but for its cause. */
  get detail(): Omit<ErrorDetail, 'cause'> {
    const { found, expected, next } = this;
    return {
      found,
      ...(expected === undefined ? {} : { expected }),
      ...(next === undefined ? {} : { next }),
    };
  }

  /** The same in other words. */
  reworded(change: (text: string) => string): NasError {
    const entries = Object.entries(this.detail).map(([key, text]) => [key, change(text)]);
    return new NasError(change(this.where), { ...Object.fromEntries(entries), cause: this.cause });
  }
}

/** The message of anything thrown, for embedding in another message. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
