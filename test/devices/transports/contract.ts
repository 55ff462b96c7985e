import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Transport } from '../../../src/devices/transports/transport.ts';

interface Subject {
  readonly create: () => Promise<Transport>;
  /** Does the device have files of its own? */
  readonly isRemote: boolean;
  /** Why this transport cannot be tested here. */
  readonly skip?: string | undefined;
}

/** What every transport must do. The device must have a POSIX `sh` and the usual small tools. */
export function transportContract(name: string, { create, isRemote, skip }: Subject): void {
  describe(`transport ${name}`, () => {
    let transport: Transport;
    let lastSleep = 600_000 + (process.pid % 1000) * 100;

    beforeAll(async () => {
      if (skip === undefined) transport = await create();
    });
    beforeEach((context) => {
      if (skip !== undefined) context.skip(skip);
    });
    afterAll(() => transport?.close());

    /** A time to sleep for that no other process has, so that `isAsleep` finds it. */
    const someSleep = (): string => String(++lastSleep);

    /** Is there a process on the device with such an argument? */
    async function isAsleep(argument: string): Promise<boolean> {
      const own = `[${argument[0]}]${argument.slice(1)}`;
      const { stdout } = await transport.run(['sh', '-c', `grep -ls '${own}' /proc/[0-9]*/cmdline`]);
      return stdout !== '';
    }

    test('hands arguments over as they are', async () => {
      const odd = [
        'a b',
        '',
        '$HOME `x` "q" \'s\'',
        '*;&|<>',
        'ü\\n',
        'two\nlines\n',
        '\\',
        "'",
        '~',
        '-n',
        '\t!',
      ];
      const { stdout, code } = await transport.run(['printf', '[%s]\\n', ...odd]);
      expect(stdout).toBe(odd.map((argument) => `[${argument}]`).join('\n'));
      expect(code).toBe(0);
    });

    test('hands any text over as arguments', async () => {
      const text = fc.string({ unit: 'binary' }).filter((value) => !value.includes('\0'));
      const samples = fc.sample(fc.array(text, { maxLength: 40 }), { numRuns: 8, seed: 1 });
      for (const argv of samples) {
        const { stdout } = await transport.run(['printf', '[%s]', ...argv]);
        expect(stdout).toBe(argv.map((argument) => `[${argument}]`).join('') || '[]');
      }
    });

    test('answers a line while the process still runs', async () => {
      const process = await transport.start(['cat']);
      const lines = process.lines[Symbol.asyncIterator]();
      for (const line of ['first', '', '~.', 'carriage\rreturn', '"\u2028"', 'x'.repeat(200_000)]) {
        process.writeLine(line);
        expect(await lines.next()).toEqual({ done: false, value: line });
      }
      process.closeInput();
      expect((await lines.next()).done).toBe(true);
      expect((await process.exited).code).toBe(0);
    });

    test('keeps lines that come before anyone listens', async () => {
      const process = await transport.start(['sh', '-c', 'echo early; echo late']);
      await process.exited;
      expect(await collect(process.lines)).toEqual(['early', 'late']);
    });

    test('loses no byte of a long output, nor of one without a newline at its end', async () => {
      const long = await transport.run(['seq', '1', '100000']);
      expect(long.stdout.split('\n')).toEqual(Array.from({ length: 100_000 }, (_, i) => String(i + 1)));
      expect((await transport.run(['printf', 'a\\nb'])).stdout).toBe('a\nb');
    });

    test('hands bytes over as they are', async () => {
      const input = randomBytes(1_000_000);
      const { stdout } = await transport.run(['sha256sum'], { input });
      expect(stdout).toMatch(sha256(input));
    });

    test('tells the exit code and the last words', async () => {
      const process = await transport.start(['sh', '-c', 'echo no such thing >&2; exit 3']);
      expect(await process.exited).toEqual({ code: 3, signal: null });
      expect(process.lastWords()).toContain('no such thing');
      expect(await transport.run(['sh', '-c', 'echo out; echo err >&2; exit 4'])).toEqual({
        stdout: 'out',
        stderr: 'err',
        code: 4,
      });
    });

    test('tells the signal that ended a process', async () => {
      const process = await transport.start(['sh', '-c', 'kill -9 $$']);
      expect(await process.exited).toEqual({ code: null, signal: 'SIGKILL' });
      await expect(transport.run(['sh', '-c', 'kill -15 $$'])).rejects.toThrow(/: sh: ended by SIGTERM/);
    });

    test('kills a process that hangs, and all it has started', async () => {
      const [one, two] = [someSleep(), someSleep()];
      const process = await transport.start(['sh', '-c', `echo ready; sleep ${one} & sleep ${two}`]);
      const lines = process.lines[Symbol.asyncIterator]();
      await lines.next();
      expect([await isAsleep(one), await isAsleep(two)]).toEqual([true, true]);
      await process.kill();
      // Had a child lived on, it would hold the output open.
      expect((await lines.next()).done).toBe(true);
      expect(await process.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect([await isAsleep(one), await isAsleep(two)]).toEqual([false, false]);
    });

    test('leaves nothing behind of a process that ends and has children', async () => {
      const sleep = someSleep();
      const process = await transport.start(['sh', '-c', `sleep ${sleep} & echo started; exit 5`]);
      expect(await process.exited).toEqual({ code: 5, signal: null });
      expect(await collect(process.lines)).toEqual(['started']);
      expect(await isAsleep(sleep)).toBe(false);
    });

    test('kills a process whose time is up', async () => {
      const sleep = someSleep();
      const process = await transport.start(['sleep', sleep], { timeoutMs: 50 });
      expect(await process.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect(await isAsleep(sleep)).toBe(false);
      await expect(transport.run(['sleep', sleep], { timeoutMs: 50 })).rejects.toThrow(
        /: sleep: ended by SIGKILL; expected an end within 0\.05 s/,
      );
    });

    test('kills a process when its signal aborts', async () => {
      const controller = new AbortController();
      const sleep = someSleep();
      const process = await transport.start(['sleep', sleep], { signal: controller.signal });
      controller.abort(new Error('enough'));
      expect(await process.exited).toEqual({ code: null, signal: 'SIGKILL' });
      expect(await isAsleep(sleep)).toBe(false);
    });

    test('starts nothing when the signal has aborted before', async () => {
      const signal = AbortSignal.abort(new Error('too late'));
      await expect(transport.start(['sleep', someSleep()], { signal })).rejects.toThrow('too late');
    });

    test('ignores lines to a process that has ended', async () => {
      const process = await transport.start(['true']);
      await process.exited;
      process.writeLine('anyone?');
      await process.kill();
      expect(await process.exited).toEqual({ code: 0, signal: null });
    });

    test('runs several processes at once', async () => {
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      const results = await Promise.all(
        names.map((name) => transport.run(['sh', '-c', 'cat; echo $1', 'sh', name], { input: `${name}\n` })),
      );
      expect(results.map(({ stdout }) => stdout)).toEqual(names.map((name) => `${name}\n${name}`));
    });

    test('says which program does not start', async () => {
      await expect(transport.start(['no-such-program-anywhere'])).rejects.toThrow(/no-such-program-anywhere/);
    });

    test('pushes a file that runs', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'nas-push-'));
      const file = join(folder, "it's a program");
      writeFileSync(file, '#!/bin/sh\nread -r line; echo "got $line"\n', { mode: 0o755 });
      const path = await transport.push(file);
      expect((await transport.run([path], { input: 'this\n' })).stdout).toBe('got this');
      expect(await transport.push(file)).toBe(path);
    });

    const remoteTest = isRemote ? test : noTest;
    remoteTest('pushes by digest: once, and again only what was damaged there', async () => {
      const file = join(mkdtempSync(join(tmpdir(), 'nas-push-')), 'network.bin');
      const bytes = randomBytes(1_000_000);
      writeFileSync(file, bytes);
      const path = await transport.push(file);
      expect(path).toContain(sha256(bytes));
      const inode = async (): Promise<string> => (await transport.run(['ls', '-i', path])).stdout;
      const first = await inode();
      await transport.push(file);
      expect(await inode()).toBe(first);

      await transport.run(['sh', '-c', 'echo damage >>"$1"', 'sh', path]);
      expect(await transport.push(file)).toBe(path);
      expect((await transport.run(['sha256sum', path])).stdout).toMatch(sha256(bytes));
      const beside = await transport.run(['sh', '-c', 'ls "$1"*', 'sh', path]);
      expect(beside.stdout).toBe(path);
    });

    test('says which file there is none of to push', async () => {
      await expect(transport.push('/no/such/file').then((path) => transport.run([path]))).rejects.toThrow(
        /\/no\/such\/file/,
      );
    });

    remoteTest('ends its processes when it is closed, and connects again when it is used', async () => {
      const sleep = someSleep();
      const process = await transport.start(['sleep', sleep]);
      await transport.close();
      expect((await process.exited).code).toBe(null);
      expect(await isAsleep(sleep)).toBe(false);
    });
  });
}

const noTest = (): void => {};

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
