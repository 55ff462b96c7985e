import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Subject } from '../../../src/devices/measuring/sampler.ts';
import { type Program, programOfGraph, programOfKernel } from '../../../src/devices/program.ts';
import type { RunnerClient } from '../../../src/devices/runner-client.ts';
import { createBenchmarkClient } from '../../../src/devices/runtimes/tflite/benchmark-client.ts';
import { readBenchmarkReport } from '../../../src/devices/runtimes/tflite/benchmark-report.ts';
import { benchmarkCommand } from '../../../src/devices/runtimes/tflite/command.ts';
import { runBenchmark } from '../../../src/devices/runtimes/tflite/run-benchmark.ts';
import { localTransport } from '../../../src/devices/transports/local.ts';
import { distinctKernels } from '../../../src/graph/fusion.ts';
import { type Graph, GraphBuilder } from '../../../src/graph/graph.ts';

/** What nas needs of any `benchmark_model`, run on this machine. */
export function describeBenchmarkModel(name: string, benchmarkModel: string): void {
  // Each process of a busy machine loads a runtime and a model.
  describe(`benchmark_model: ${name}`, { timeout: 600_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'nas tflite '));
    let client: RunnerClient;

    beforeEach(() => {
      vi.stubEnv('TMPDIR', folder);
      client = createBenchmarkClient({
        ...{ device: 'this-machine', transport: localTransport, benchmarkModel, threads: 1 },
      });
    });
    afterEach(() => client.close());
    afterAll(() => void vi.unstubAllEnvs());

    const models = (): string[] =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tflite'));

    const load = (graph: Graph, key: string, isolate: boolean) => {
      const [kernel] = distinctKernels([graph]);
      return client.load(subjectOf(key, isolate ? programOfKernel(kernel!) : programOfGraph(graph), isolate));
    };

    test('says what it is, by its digest, and whether its times are medians', async () => {
      const { runtime, runtimeVersion, threads, core, dtypes } = await client.hello();
      expect([runtime, threads, core, dtypes]).toEqual(['tflite', 1, null, ['float32']]);
      expect(runtimeVersion).toMatch(
        /^benchmark_model [0-9a-f]{12}, (XNNPACK|built-in kernels), (medians|means) of runs$/,
      );
    });

    test('a kernel is repeated until it lasts, and is removed when it was measured', async () => {
      const small = await load(convolution(8, 8), 'small', true);
      const large = await load(convolution(56, 64), 'large', true);
      expect(small.copies).toBeGreaterThan(large.copies);
      expect(models()).toHaveLength(2);
      const [one, two] = await client.sample(['small', 'large'], true);
      // 2,600 times the work.
      expect(one!.wallUs / small.copies).toBeLessThan(two!.wallUs / large.copies);
      await client.unload(['small']);
      expect(models()).toHaveLength(1);
      await client.unload(['large']);
      expect(models()).toEqual([]);
      await expect(client.sample(['small'], true)).rejects.toThrow('small: not loaded');
    });

    test('a network is measured as it is', async () => {
      await load(convolution(8, 8), 'a', false);
      await load(convolution(56, 64), 'b', false);
      const [a, b, again] = await client.sample(['a', 'b', 'a'], false);
      expect(a!.wallUs).toBeLessThan(b!.wallUs);
      expect(again!.wallUs).toBeLessThan(b!.wallUs);
    });

    test('every op of a network runs, kernel by kernel and as a whole', async () => {
      const b = new GraphBuilder();
      const x = b.convolutionUnit(b.input([16, 16, 3]), 8, 'hswish', { kernel: 3, stride: 2 });
      const y = b.add({ kind: 'add' }, [x, b.convolutionUnit(x, 8, 'prelu', { kernel: 5, groups: 8 })]);
      const graph = b.build(b.globalAveragePool(b.add({ kind: 'channel-shuffle', groups: 2 }, [y])));
      for (const kernel of distinctKernels([graph])) {
        const { signature: key } = kernel;
        await client.load(subjectOf(key, programOfKernel(kernel), true));
        const [reading] = await client.sample([key], true);
        expect(reading!.wallUs, key).toBeGreaterThan(0);
        await client.unload([key]);
      }
      await client.load(subjectOf('network', programOfGraph(graph), false));
      expect((await client.sample(['network'], false))[0]!.wallUs).toBeGreaterThan(0);
    });

    test('what is no model is refused, in its words', async () => {
      const model = join(folder, 'no model');
      writeFileSync(model, 'TFLITE? No.');
      const run = runBenchmark({
        ...{ device: 'this-machine', doing: 'trying', transport: localTransport },
        ...{ argv: benchmarkCommand({ program: benchmarkModel, model, threads: 1 }) },
        signal: new AbortController().signal,
      });
      await expect(run).rejects.toThrow(/^this-machine: benchmark_model: it .* while trying/);
      expect(readFileSync(model, 'utf8')).toBe('TFLITE? No.');
    });

    test('its flags do what they say', async () => {
      await load(convolution(8, 8), 'a', false);
      const model = join(folder, models()[0]!);
      const argv = benchmarkCommand({ program: benchmarkModel, model, threads: 1, core: someCore() });
      const doing = { device: 'this-machine', doing: 'trying', transport: localTransport };
      const { signal } = new AbortController();
      const timed = argv.map((word) => (word.startsWith('--min_secs') ? '--min_secs=0' : word));
      const [program, ...rest] = timed.map((word) => word.replace('--num_runs=10', '--num_runs=7'));
      const lines = await runBenchmark({ ...doing, argv: [program!, ...rest], signal });
      expect(readBenchmarkReport(lines, 'it').runs).toBe(7);
    });
  });
}

function subjectOf(key: string, program: Program, isolate: boolean): Subject {
  const [first, ...rest] = program.nodes.map(({ name, op, inputs }) => ({ name, op, inputs: [...inputs] }));
  const [output, ...others] = program.outputs;
  return { key, dtype: 'float32', isolate, nodes: [first!, ...rest], outputs: [output!, ...others] };
}

/** The first core that this process may run on. */
function someCore(): number {
  const allowed = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(allowed?.[1]);
}

function convolution(size: number, channels: number): Graph {
  const b = new GraphBuilder();
  return b.build(b.convolution(b.input([size, size, channels]), channels, { kernel: 3, bias: true }));
}
