import { describe, expect, test } from 'vitest';
import type { Transport } from '../../../src/devices/transports/transport.ts';

/** What every transport must do. The machine at its other end must have a POSIX `sh`, `cat` and `printf`. */
export function transportContract(name: string, create: () => Transport): void {
  describe(`transport ${name}`, () => {
    test('hands arguments over as they are', async () => {
      const odd = ['a b', '', '$HOME `x` "q" \'s\'', '*;&|<>', 'ü\\n'];
      const process = await create().start(['printf', '[%s]\\n', ...odd]);
      expect(await collect(process.lines)).toEqual(odd.map((argument) => `[${argument}]`));
      expect(await process.exited).toEqual({ code: 0, signal: null });
    });

    test('answers a line while the process still runs', async () => {
      const process = await create().start(['cat']);
      const lines = process.lines[Symbol.asyncIterator]();
      for (const line of ['first', 'second', 'x'.repeat(200_000)]) {
        process.writeLine(line);
        expect(await lines.next()).toEqual({ done: false, value: line });
      }
      process.closeInput();
      expect((await lines.next()).done).toBe(true);
      expect((await process.exited).code).toBe(0);
    });

    test('keeps lines that come before anyone listens', async () => {
      const process = await create().start(['sh', '-c', 'echo early; echo late']);
      await process.exited;
      expect(await collect(process.lines)).toEqual(['early', 'late']);
    });

    test('tells the exit code and the last words', async () => {
      const process = await create().start(['sh', '-c', 'echo no such thing >&2; exit 3']);
      expect((await process.exited).code).toBe(3);
      expect(process.lastWords()).toContain('no such thing');
    });

    test('kills a process that hangs, and all it has started', async () => {
      const process = await create().start(['sh', '-c', 'echo ready; sleep 600 & sleep 600']);
      const lines = process.lines[Symbol.asyncIterator]();
      await lines.next();
      await process.kill();
      // Had a child lived on, it would hold the output open.
      expect((await lines.next()).done).toBe(true);
      expect((await process.exited).code).not.toBe(0);
    });

    test('kills a process whose time is up', async () => {
      const process = await create().start(['sleep', '600'], { timeoutMs: 50 });
      expect((await process.exited).code).not.toBe(0);
    });

    test('kills a process when its signal aborts', async () => {
      const controller = new AbortController();
      const process = await create().start(['sleep', '600'], { signal: controller.signal });
      controller.abort();
      expect((await process.exited).code).not.toBe(0);
    });

    test('ignores lines to a process that has ended', async () => {
      const process = await create().start(['true']);
      await process.exited;
      process.writeLine('anyone?');
      await process.kill();
      expect(await process.exited).toEqual({ code: 0, signal: null });
    });

    test('says which program does not start', async () => {
      await expect(create().start(['no-such-program-anywhere'])).rejects.toThrow(/no-such-program-anywhere/);
    });
  });
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
