/** Takes the notes that the scripts write out of a process's output; see scripts.ts. */
export interface NoteReader {
  push(chunk: Uint8Array): void;
}

interface Listener {
  /** What the process wrote, exactly. */
  readonly output: (chunk: Uint8Array) => void;
  /** A note, without its mark: `started 4711`. */
  readonly note: (text: string) => void;
}

/** Bytes of a mark and what follows; whatever is longer and has no newline yet was not written by a script. */
const LONGEST_NOTE = 4096;

/**
 * A note begins with the mark, also in the middle of a line, where the output before it has no newline at its end,
 * and reaches to the next newline. Output that could be the beginning of a mark waits for what follows.
 */
export function createNoteReader(mark: string, { output, note }: Listener): NoteReader {
  const needle = Buffer.from(mark);
  let pending: Buffer = Buffer.alloc(0);

  const emit = (length: number): void => {
    if (length > 0) output(pending.subarray(0, length));
    pending = pending.subarray(length);
  };

  return {
    push(chunk) {
      pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
      for (;;) {
        const start = pending.indexOf(needle);
        if (start < 0) return emit(pending.length - overlap(pending, needle));
        emit(start);
        const end = pending.indexOf('\n');
        if (end < 0 && pending.length > LONGEST_NOTE) return emit(pending.length);
        if (end < 0) return;
        note(pending.subarray(needle.length, end).toString().trim());
        pending = pending.subarray(end + 1);
      }
    },
  };
}

/** Length of the longest end of `text` that `needle` begins with. */
function overlap(text: Buffer, needle: Buffer): number {
  for (let length = Math.min(needle.length - 1, text.length); length > 0; length--) {
    if (text.subarray(-length).equals(needle.subarray(0, length))) return length;
  }
  return 0;
}
