import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { programOfGraph, programOfKernel } from '../../../src/devices/program.ts';
import { type Answer, answerSchema, PROTOCOL_VERSION } from '../../../src/devices/runner-protocol.ts';
import type { TransportProcess } from '../../../src/devices/transports/transport.ts';
import { distinctKernels } from '../../../src/graph/fusion.ts';
import { GraphBuilder } from '../../../src/graph/graph.ts';

/** What every runner does, whatever its runtime and wherever it runs; `start` starts one. */
export function describeRunner(name: string, start: () => Promise<TransportProcess>, skip?: string): void {
  describe(`runner ${name}`, () => {
    let runner: TransportProcess;
    let lines: AsyncIterator<string>;

    const next = async (): Promise<Answer> => answerSchema.parse(JSON.parse((await lines.next()).value));
    const ask = (request: object | string): Promise<Answer> => {
      runner.writeLine(typeof request === 'string' ? request : JSON.stringify(request));
      return next();
    };
    const load = (id: number, key: string, program: object, isolate = true): Promise<Answer> =>
      ask({ kind: 'load', id, key, dtype: 'float32', isolate, ...program });

    beforeEach(async (context) => {
      if (skip !== undefined) context.skip(skip);
      runner = await start();
      lines = runner.lines[Symbol.asyncIterator]();
      const hello = await next();
      expect(hello).toMatchObject({ kind: 'hello', protocol: PROTOCOL_VERSION, runtime: name, threads: 1 });
      expect(hello).toHaveProperty('dtypes', expect.arrayContaining(['float32']));
    });

    afterEach(() => runner?.kill());

    test('loads kernels and a network in one way, samples them by name, and forgets them', async () => {
      const b = new GraphBuilder();
      const x = b.convolutionUnit(b.input([8, 8, 3]), 8, 'hswish', { kernel: 3 });
      const graph = b.build(b.globalAveragePool(b.add({ kind: 'add' }, [x, b.convolution(x, 8)])));
      const kernels = distinctKernels([graph]);
      for (const [id, kernel] of kernels.entries()) {
        expect(await load(id, kernel.signature, programOfKernel(kernel))).toMatchObject({
          kind: 'loaded',
          id,
        });
      }
      // More than one copy where the clock is too coarse for one.
      expect(await load(50, 'whole', programOfGraph(graph), false)).toMatchObject({
        copies: expect.any(Number),
        overheadUs: 0,
      });
      const keys = [...kernels.map(({ signature }) => signature), 'whole', 'whole'];
      for (const cold of [true, false]) {
        const answer = await ask({ kind: 'sample', id: 60, cold, keys });
        expect(answer).toMatchObject({ kind: 'sampled', id: 60 });
        const samples = answer.kind === 'sampled' ? answer.samples : [];
        expect(samples).toHaveLength(keys.length);
        for (const { wallUs, cpuUs } of samples) {
          expect(wallUs).toBeGreaterThan(0);
          expect(cpuUs).toBeGreaterThan(0);
        }
      }
      expect(await ask({ kind: 'unload', id: 70, keys: ['whole'] })).toEqual({ kind: 'unloaded', id: 70 });
      expect(await ask({ kind: 'sample', id: 80, cold: true, keys: ['whole'] })).toMatchObject({
        kind: 'error',
        id: 80,
      });
    });

    test('answers what is no request, and what cannot be carried out, by an error and goes on', async () => {
      expect(await ask('knock knock')).toMatchObject({ kind: 'error', id: null });
      expect(await ask({ kind: 'load', id: 1, key: 'x' })).toMatchObject({ kind: 'error' });
      const nodes = [
        { name: 'input', op: { kind: 'input', shape: [4, 4, 6] }, inputs: [] },
        { name: 'shuffle', op: { kind: 'channel-shuffle', groups: 4 }, inputs: [0] },
      ];
      expect(await load(2, 'x', { nodes, outputs: [1] })).toMatchObject({ kind: 'error', id: 2 });
      expect(await ask({ kind: 'sample', id: 3, cold: true, keys: [] })).toEqual({
        kind: 'sampled',
        id: 3,
        samples: [],
      });
    });

    test('dies when its input closes, even while it samples', async () => {
      const b = new GraphBuilder();
      const graph = b.build(b.convolution(b.input([64, 64, 32]), 64, { kernel: 3 }));
      await load(1, 'long', programOfGraph(graph), false);
      runner.writeLine(
        JSON.stringify({ kind: 'sample', id: 2, cold: true, keys: Array(20_000).fill('long') }),
      );
      runner.closeInput();
      expect(await runner.exited).toEqual({ code: 0, signal: null });
    });
  });
}
