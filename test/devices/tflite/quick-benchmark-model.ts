import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRng } from '../../../src/base/rng.ts';
import { programOfGraph, programOfKernel } from '../../../src/devices/program.ts';
import { kernelModel } from '../../../src/devices/runtimes/litert/tflite/kernel-model.ts';
import type { TfliteModel } from '../../../src/devices/runtimes/litert/tflite/model.ts';
import { networkModel } from '../../../src/devices/runtimes/litert/tflite/network-model.ts';
import type { ParameterSource } from '../../../src/devices/runtimes/litert/tflite/parameters.ts';
import { createRandomParameters } from '../../../src/devices/runtimes/litert/tflite/random-parameters.ts';
import { serializeTflite } from '../../../src/devices/runtimes/litert/tflite/serialize.ts';
import type { Kernel } from '../../../src/graph/fusion.ts';
import type { Graph } from '../../../src/graph/graph.ts';

const BODY = fileURLToPath(new URL('./quick-benchmark-model.sh', import.meta.url));

export type Behaviour = 'works' | 'lacks' | 'fails' | 'crashes' | 'hangs' | 'stays' | 'stops' | 'ignores';

/** A program for `--benchmark-model`, which behaves so after some runs; see the script. */
export function quickBenchmarkModel(behaviour: Behaviour = 'works', after = 0): string {
  const path = join(mkdtempSync(join(tmpdir(), "nas it's quick ")), 'benchmark_model');
  const head = `#!/bin/sh\nbehaviour=${behaviour} after=${after}\n`;
  writeFileSync(path, head + readFileSync(BODY, 'utf8'));
  chmodSync(path, 0o755);
  return path;
}

/** The models that it has run, in order. */
export function modelsRunBy(path: string): readonly string[] {
  const log = `${path}.log`;
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
}

/** What a network "takes". */
export function quickNetworkMs(graph: Graph): number {
  return quickUs(networkModel(programOfGraph(graph), someParameters())) / 1000;
}

/** What is to be made of a kernel: the difference of two models, by copy, in tens of nanoseconds. */
export function quickKernelMs(kernel: Kernel): number {
  const us = (copies: number): number =>
    quickUs(kernelModel(programOfKernel(kernel), copies, someParameters()));
  const copies = Math.ceil(5000 / (us(1) - us(0)));
  return Number(((us(copies) - us(0)) / copies / 1000).toFixed(5));
}

/** Of any numbers: a model's size is the same. */
const someParameters = (): ParameterSource => createRandomParameters(createRng('any'));

function quickUs(model: TfliteModel): number {
  return 1000 + serializeTflite(model).length;
}
