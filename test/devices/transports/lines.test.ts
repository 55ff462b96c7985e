import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineQueue } from '../../../src/devices/transports/lines.ts';

const onFlood = (): void => {
  throw new Error('a flood');
};

async function linesOf(bytes: Uint8Array, size: number): Promise<string[]> {
  const queue = createLineQueue({ onFlood });
  for (let at = 0; at < bytes.length; at += size) queue.push(bytes.subarray(at, at + size));
  queue.end();
  const lines: string[] = [];
  for await (const line of queue.lines) lines.push(line);
  return lines;
}

test.each([
  ['', []],
  ['a\nb\n', ['a', 'b']],
  ['a\n\nb', ['a', '', 'b']],
  ['ü\u2028\r\n€', ['ü\u2028\r', '€']],
])('%j', async (text, lines) => {
  for (const size of [1, 2, 3, 100]) expect(await linesOf(Buffer.from(text), size)).toEqual(lines);
});

test('any bytes in any pieces are the lines of their text', async () => {
  const bytes = fc.array(fc.oneof(fc.uint8Array({ maxLength: 6 }), fc.constant(Uint8Array.of(10))));
  await fc.assert(
    fc.asyncProperty(bytes, fc.integer({ min: 1, max: 5 }), async (parts, size) => {
      const whole = Buffer.concat(parts);
      const lines = whole.toString().split('\n');
      if (lines.at(-1) === '') lines.pop();
      expect(await linesOf(whole, size)).toEqual(lines);
    }),
    { seed: 1 },
  );
});

test('a line is there as soon as it is complete', async () => {
  const queue = createLineQueue({ onFlood });
  const lines = queue.lines[Symbol.asyncIterator]();
  const next = lines.next();
  queue.push(Buffer.from('fir'));
  queue.push(Buffer.from('st\nsec'));
  expect(await next).toEqual({ done: false, value: 'first' });
  queue.end();
  expect(await lines.next()).toEqual({ done: false, value: 'sec' });
  expect((await lines.next()).done).toBe(true);
});

describe('what nobody takes is not kept for ever:', () => {
  const flood = (text: string, times: number) => {
    let floods = 0;
    const queue = createLineQueue({ onFlood: () => floods++, keptCharacters: 1000 });
    for (let i = 0; i < times; i++) queue.push(Buffer.from(text));
    return { queue, floods: () => floods };
  };

  test.each([
    ['a line without an end', 'x'.repeat(100)],
    ['lines without an end', '0123456789\n'],
    ['empty lines', '\n'.repeat(100)],
  ])('%s', async (_, text) => {
    const { queue, floods } = flood(text, 1000);
    expect(floods()).toBe(1);
    queue.end();
    await expect(queue.lines[Symbol.asyncIterator]().next()).rejects.toThrow(
      'more than 1000 characters that nobody has asked for',
    );
  });

  test('but what is taken as it comes may be as much as it wants', async () => {
    const { queue, floods } = flood('', 0);
    const lines = queue.lines[Symbol.asyncIterator]();
    for (let i = 0; i < 100; i++) {
      queue.push(Buffer.from(`${'y'.repeat(500)}\n`));
      expect((await lines.next()).value).toHaveLength(500);
    }
    expect(floods()).toBe(0);
  });

  test('who waits for a line is told at once', async () => {
    const { queue } = flood('', 0);
    const next = queue.lines[Symbol.asyncIterator]().next();
    queue.push(Buffer.from('z'.repeat(1001)));
    await expect(next).rejects.toThrow('more than 1000 characters');
  });
});
