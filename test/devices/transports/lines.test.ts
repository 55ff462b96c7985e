import { expect, test } from 'vitest';
import { createLineQueue } from '../../../src/devices/transports/lines.ts';

async function linesOf(text: string, size: number): Promise<string[]> {
  const queue = createLineQueue();
  const bytes = Buffer.from(text);
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
  for (const size of [1, 2, 3, 100]) expect(await linesOf(text, size)).toEqual(lines);
});

test('a line is there as soon as it is complete', async () => {
  const queue = createLineQueue();
  const lines = queue.lines[Symbol.asyncIterator]();
  const next = lines.next();
  queue.push(Buffer.from('fir'));
  queue.push(Buffer.from('st\nsec'));
  expect(await next).toEqual({ done: false, value: 'first' });
  queue.end();
  expect(await lines.next()).toEqual({ done: false, value: 'sec' });
  expect((await lines.next()).done).toBe(true);
});
