import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startChild } from '../../../src/devices/transports/child.ts';
import { openTransport } from '../../../src/devices/transports/open-transport.ts';
import { runToEnd } from '../../../src/devices/transports/run.ts';
import { CONNECTION_LOST, type Transport } from '../../../src/devices/transports/transport.ts';
import { NO_PHONES, type TestMachine, testMachine } from '../phones/phones.ts';

const HOLD_FOREVER = fileURLToPath(new URL('./hold-forever.mjs', import.meta.url));
const LOST = { code: null, signal: CONNECTION_LOST };
/** Longer than anything here takes on a machine that is busy with other work. */
const PATIENCE_MS = 300_000;

/** Counts for ever, a line a number, and answers nothing. */
const COUNT = ['sh', '-c', 'i=0; while :; do i=$((i + 1)); echo $i; sleep 0.1; done'] as const;
/** Squares numbers line by line, as a runner measures kernels. */
const SQUARE = ['sh', '-c', 'while read -r n; do sleep 0.05; echo "$n $((n * n))"; done'] as const;

describe.each(['amd64', 'arm64', 'board'] as const)('%s, lost in the middle of a command,', (name) => {
  let machine: TestMachine;
  let transport: Transport;

  beforeEach(async (context) => {
    if (NO_PHONES !== undefined) context.skip(NO_PHONES);
    machine = testMachine(name);
    await machine.isUp();
    transport = await openTransport(machine.device, { beatMs: 1_000, patienceMs: PATIENCE_MS });
  });

  afterEach(async () => {
    machine?.plugIn();
    await transport?.close();
    if (machine !== undefined) await nothingRuns(machine);
  });

  const losses = {
    'by its cable': (): void => machine.unplug(),
    'by its server': (): void => machine.killServer(),
  };

  test.each(Object.entries(losses))('%s, says so; what it wrote before is there', async (_how, lose) => {
    const process = await transport.start(COUNT);
    const lines = process.lines[Symbol.asyncIterator]();
    for (const expected of ['1', '2', '3']) expect((await lines.next()).value).toBe(expected);
    lose();
    const last = await lastOf(lines);
    expect(await process.exited).toEqual(LOST);
    expect(last).not.toBeLessThan(4);
  });

  test.each(Object.entries(losses))('%s, is no success of `run`', async (_how, lose) => {
    // Lost before the host knows that it has started, it would be started again.
    const start: Transport['start'] = async (argv, options) => {
      const process = await transport.start(argv, options);
      lose();
      return process;
    };
    const argv = ['sh', '-c', 'echo half; sleep 777001; echo whole'] as const;
    await expect(runToEnd({ ...transport, start }, argv, {})).rejects.toThrow(
      /^(adb|ssh):.*: sh: the connection was lost before its end/,
    );
  });

  test.each(Object.entries(losses))(
    '%s, is used again, and nothing of before runs there',
    async (_how, lose) => {
      const process = await transport.start(['sleep', '777002']);
      lose();
      expect(await process.exited).toEqual(LOST);
      const again = transport.run(['sh', '-c', 'echo back']);
      await sleep(1_000);
      machine.plugIn();
      expect(await again).toMatchObject({ stdout: 'back', code: 0 });
      expect(isThere(machine, '777002')).toBe(false);
    },
  );

  test('loses nothing that was measured: every number once, in spite of two losses', async () => {
    const numbers = Array.from({ length: 40 }, (_, i) => i + 1);
    const measured = new Map<number, number>();
    let starts = 0;
    while (measured.size < numbers.length) {
      const process = await transport.start(SQUARE);
      starts += 1;
      for (const n of numbers) if (!measured.has(n)) process.writeLine(String(n));
      process.closeInput();
      for await (const line of process.lines) {
        const [n = 0, square = 0] = line.split(' ').map(Number);
        expect(measured.has(n)).toBe(false);
        measured.set(n, square);
        if (starts === 1 && n === 10) machine.unplug();
        if (starts === 2 && n === 30) machine.killServer();
      }
      const exit = await process.exited;
      expect(exit).toEqual(starts < 3 ? LOST : { code: 0, signal: null });
      machine.plugIn();
    }
    expect(starts).toBe(3);
    expect([...measured]).toEqual(numbers.map((n) => [n, n * n]));
  });

  test('ends by itself what ran there for a host that has fallen silent', async () => {
    const silent = await openTransport(machine.device, { beatMs: 500 });
    const process = await silent.start(['sleep', '777007']);
    // For as long as the host beats, all is well: the guard looks after 6 s, and again after as long.
    await sleep(13_000);
    expect(isThere(machine, '777007')).toBe(true);
    machine.unplug();
    await nothingRuns(machine);
    expect(await process.exited).toEqual(LOST);
    await silent.close();
  });

  test('ends a process whose time is up by itself, out of reach of the host', async () => {
    await transport.start(['sleep', '777003'], { timeoutMs: 10_000 });
    machine.unplug();
    expect(isThere(machine, '777003')).toBe(true);
    await vi.waitUntil(() => !isThere(machine, '777003'), { timeout: PATIENCE_MS });
  });

  test('is not waited for without end', async () => {
    const impatient = await openTransport(machine.device, { patienceMs: 3_000, beatMs: 500 });
    const process = await impatient.start(['sleep', '777004']);
    machine.unplug();
    expect(await process.exited).toEqual(LOST);
    await expect(impatient.start(['true'])).rejects.toThrow(/^(adb|ssh):/);
    machine.plugIn();
    await impatient.close();
  });

  test('is given up when asked to', async () => {
    const process = await transport.start(['sleep', '777005']);
    machine.unplug();
    expect(await process.exited).toEqual(LOST);
    const start = transport.start(['true'], { signal: AbortSignal.timeout(500) });
    await expect(start).rejects.toThrow(/timeout/);
  });

  test('has nothing left to run when its host was killed', async () => {
    const host = await startChild([process.execPath, HOLD_FOREVER, machine.device, '777006']);
    await once(host.stdout, 'data');
    expect(isThere(machine, '777006')).toBe(true);
    host.kill();
    await vi.waitUntil(() => !isThere(machine, '777006'), { timeout: PATIENCE_MS });
  });
});

function isThere(machine: TestMachine, command: string): boolean {
  return machine.processes().some((line) => line.endsWith(command));
}

/** Processes take a moment to be gone after their connection is. */
async function nothingRuns(machine: TestMachine): Promise<void> {
  await expect.poll(() => machine.processes(), { timeout: PATIENCE_MS, interval: 100 }).toEqual([]);
}

async function lastOf(lines: AsyncIterator<string>): Promise<number> {
  let last = Number.NaN;
  for (let next = await lines.next(); !next.done; next = await lines.next()) last = Number(next.value);
  return last;
}
