import { createInterface } from 'node:readline';
import { messageOf, NasError } from '../../../base/errors.ts';
import { parseJson, parseWith } from '../../../base/parse.ts';
import { createRng } from '../../../base/rng.ts';
import { measureInterleaved, type Subject } from '../../measuring/interleave.ts';
import { createStopwatch, type Stopwatch } from '../../measuring/stopwatch.ts';
import { type Program, withShapes } from '../../program.ts';
import {
  type Answer,
  type MeasureRequest,
  type MeasureSubject,
  PROTOCOL_VERSION,
  requestSchema,
} from '../../runner-protocol.ts';
import { liteRtVersion, loadLiteRt } from './load-litert.ts';
import type { ParameterSource } from './tflite/parameters.ts';
import { createRandomParameters } from './tflite/random-parameters.ts';
import { type LiteRt, openKernel, openNetwork, openOverhead } from './workload.ts';

/*
 * The entry of a process: LiteRT behind the protocol of runner-protocol.ts.
 */

const OVERHEAD_SAMPLES = 31;

/** Standard output is for answers alone; what LiteRT prints there is turned to standard error. */
const writeAnswer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;

function answer(line: Answer): void {
  writeAnswer(`${JSON.stringify(line)}\n`);
}

interface Bench {
  readonly liteRt: LiteRt;
  readonly parameters: ParameterSource;
  readonly stopwatch: Stopwatch;
}

async function measure(request: MeasureRequest, bench: Bench): Promise<void> {
  const { id, effort } = request;
  const rng = createRng(`request ${id}`);
  const overheads = await measureOverheads(request, bench);
  const subjects = request.subjects.map((subject): Subject => {
    const program = programOf(subject);
    return {
      key: subject.key,
      open() {
        answer({ kind: 'started', id, key: subject.key });
        const overheadMs = overheads.get(inputCount(program)) ?? 0;
        return subject.isolate
          ? openKernel(bench.liteRt, program, bench.parameters, { sampleMs: effort.sampleMs, overheadMs })
          : openNetwork(bench.liteRt, program, bench.parameters);
      },
    };
  });
  for await (const measured of measureInterleaved(subjects, effort, bench.stopwatch, rng)) {
    answer({ kind: 'measured', id, ...measured });
  }
  answer({ kind: 'done', id });
}

/** What a run costs that does nothing, by the number of inputs it is handed. */
async function measureOverheads(
  { subjects, effort }: MeasureRequest,
  { liteRt, parameters, stopwatch }: Bench,
): Promise<ReadonlyMap<number, number>> {
  const programs = new Map<number, Program>();
  for (const subject of subjects.filter(({ isolate }) => isolate)) {
    const program = programOf(subject);
    programs.set(inputCount(program), program);
  }
  const idle = [...programs].map(([inputs, program]): Subject => {
    return { key: String(inputs), open: () => openOverhead(liteRt, program, parameters) };
  });
  const overheads = new Map<number, number>();
  const rng = createRng('overhead');
  const idleEffort = { ...effort, samples: OVERHEAD_SAMPLES };
  for await (const { key, medianMs } of measureInterleaved(idle, idleEffort, stopwatch, rng)) {
    overheads.set(Number(key), medianMs);
  }
  return overheads;
}

function programOf({ nodes, outputs }: MeasureSubject): Program {
  return { nodes: withShapes(nodes), outputs };
}

function inputCount({ nodes }: Program): number {
  return nodes.filter(({ op }) => op.kind === 'input').length;
}

function answerError(id: number | null, thrown: unknown): void {
  const error =
    thrown instanceof NasError ? thrown : new NasError('the LiteRT runner', { found: messageOf(thrown) });
  const { where, found, expected, next } = error;
  answer({
    kind: 'error',
    id,
    where,
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(next === undefined ? {} : { next }),
  });
}

async function serve(): Promise<void> {
  // Listening comes first: the host may be gone before LiteRT is loaded.
  const input = createInterface({ input: process.stdin });
  const lines = input[Symbol.asyncIterator]();
  input.once('close', () => process.exit(0));
  const bench: Bench = {
    liteRt: await loadLiteRt(),
    parameters: createRandomParameters(createRng('measuring')),
    stopwatch: createStopwatch(),
  };
  answer({
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    runtime: 'litert',
    runtimeVersion: liteRtVersion(),
    threads: 1,
  });
  for await (const line of lines) {
    let id: number | null = null;
    try {
      const request = parseWith(requestSchema, parseJson(line, 'request'), 'request');
      id = request.id;
      await measure(request, bench);
    } catch (thrown) {
      answerError(id, thrown);
    }
  }
}

await serve();
