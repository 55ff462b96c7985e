import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNoteReader } from '../../../src/devices/transports/remote/notes.ts';

const MARK = 'nas:4711';

/** Feeds `text` in pieces of `size` bytes. */
function read(text: string, size: number): { readonly output: string; readonly notes: string[] } {
  const chunks: Uint8Array[] = [];
  const notes: string[] = [];
  const reader = createNoteReader(MARK, {
    output: (chunk) => chunks.push(Uint8Array.from(chunk)),
    note: (note) => notes.push(note),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  return { output: Buffer.concat(chunks).toString(), notes };
}

test('takes notes out of the output, wherever they stand and however it is cut', () => {
  const text = `${MARK} started 12\none\ntwo, no newline${MARK} ended 0\n`;
  for (let size = 1; size <= text.length; size++) {
    expect(read(text, size)).toEqual({ output: 'one\ntwo, no newline', notes: ['started 12', 'ended 0'] });
  }
});

test('leaves output alone that looks like the beginning of a note', () => {
  const text = 'n na nas nas: nas:4 nas:47nas:471 nas:nas:\nnas:471x';
  for (let size = 1; size <= text.length; size++)
    expect(read(text, size)).toEqual({ output: text, notes: [] });
});

test('any output comes through any cut, its end but for what might be a note', () => {
  const piece = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\n', 'nas:', 'n', '47', '1', 'ü'));
  fc.assert(
    fc.property(fc.array(piece), fc.integer({ min: 1, max: 9 }), (pieces, size) => {
      const output = pieces.join('').replaceAll(MARK, '');
      expect(read(`${output}${MARK} ended 3\n`, size)).toEqual({ output, notes: ['ended 3'] });
    }),
  );
});

test('what begins like a note and does not end is output, and not kept', () => {
  const text = `${MARK} started 12\n${MARK}${'x'.repeat(10_000)}`;
  for (const size of [100, 4096, 20_000]) {
    const { output, notes } = read(text, size);
    expect(notes).toEqual(['started 12']);
    expect(output).toBe(`${MARK}${'x'.repeat(10_000)}`);
  }
});
