import { messageOf, NasError } from '../../base/errors.ts';
import { parseJson, parseWith } from '../../base/parse.ts';
import { localTransport } from '../../devices/transports/local.ts';
import type { TransportProcess } from '../../devices/transports/transport.ts';
import {
  type CancelLine,
  type Ending,
  type Hello,
  lineSchema,
  PROTOCOL_VERSION,
  type Report,
  type SupernetEnding,
  type TrainLine,
  type TrainSupernetLine,
} from './protocol.ts';
import { WORKER_CODE } from './worker-code.ts';

export const WHERE = 'pytorch trainer';

/**
 * It sends a line every two seconds, whatever it does, but not while it loads torch from a cold disk, nor while
 * somebody has stopped it to have the machine for himself.
 */
const DEFAULT_SILENCE_MS = 600_000;

export interface WorkerOptions {
  readonly python: string;
  /** `cpu` or `cuda:0`. */
  readonly device: string;
  readonly compile?: boolean;
  /** Of the processor. Default: 1. */
  readonly threads?: number;
  /** Once it has said hello it is given up after so long without a line. Default: ten minutes. */
  readonly silenceMs?: number;
  /** Ends it when it aborts, while it starts as well. */
  readonly signal?: AbortSignal;
}

/** A Python process that trains one network after the other. */
export interface TrainingWorker {
  readonly hello: Hello;
  /** False once it has ended; then it trains no more. */
  readonly isAlive: () => boolean;
  /** One at a time. Resolves with how it ended; rejects with a NasError when the process dies. */
  train(request: Omit<TrainLine, 'kind' | 'id'>, onEpoch: (report: Report) => void): Promise<Ending>;
  /** One epoch of a supernet; one job at a time. `onStep` hears every two seconds of the step and the loss. */
  trainSupernet(
    request: Omit<TrainSupernetLine, 'kind' | 'id'>,
    onStep: (step: number, loss: number) => void,
  ): Promise<SupernetEnding>;
  /** Asks it to end the training under way, which then resolves as `cancelled`. */
  cancel(): void;
  kill(): Promise<void>;
}

interface Job {
  readonly id: number;
  readonly onEpoch?: (report: Report) => void;
  readonly onStep?: (step: number, loss: number) => void;
  readonly settle: (ending: Ending | SupernetEnding) => void;
  readonly fail: (error: Error) => void;
  step: number;
}

/** Starts a worker and waits until it can train. Rejects with a NasError that tells what is missing. */
export async function startTrainingWorker(options: WorkerOptions): Promise<TrainingWorker> {
  const { silenceMs = DEFAULT_SILENCE_MS } = options;
  const process = await startPython(options);
  const lines = process.lines[Symbol.asyncIterator]();
  let hello: Hello;
  try {
    hello = await awaitHello(process, lines, options.python);
  } catch (thrown) {
    await process.kill();
    options.signal?.throwIfAborted();
    throw thrown;
  }

  let job: Job | undefined;
  let lastId = 0;
  let alive = true;
  /** Why it was killed, where we did that. */
  let reason: string | undefined;

  const listen = async (): Promise<void> => {
    for (;;) {
      const { silent, done, value } = await nextLine(lines, silenceMs);
      if (silent) reason = `no word for ${silenceMs / 1000} s`;
      if (silent || done) return;
      const line = readLine(value);
      if (line.kind === 'heartbeat' && job !== undefined && line.id === job.id) {
        job.step = line.step ?? 0;
        if (line.loss !== undefined) job.onStep?.(job.step, line.loss);
      }
      if (line.kind === 'epoch' && line.id === job?.id) job.onEpoch?.(line);
      if (isEnding(line) && job?.id === line.id) {
        const { settle } = job;
        job = undefined;
        settle(line);
      }
    }
  };
  void listen()
    .catch((thrown) => {
      reason = messageOf(thrown);
    })
    .then(async () => {
      alive = false;
      const exit = reason === undefined ? await process.exited : undefined;
      await process.kill();
      const how = reason ?? (exit?.signal === null ? `exit code ${exit.code}` : `signal ${exit?.signal}`);
      const at = job === undefined || job.step === 0 ? '' : ` after step ${job.step}`;
      job?.fail(
        new NasError(WHERE, {
          found: `a worker died${at} (${how})${quoted(process.lastWords())}`,
          next: 'try again; if it dies again, give it less work at once or more memory',
        }),
      );
      job = undefined;
    });

  const begin = (
    lineOf: (id: number) => TrainLine | TrainSupernetLine,
    listeners: Pick<Job, 'onEpoch' | 'onStep'>,
  ): Promise<Ending | SupernetEnding> => {
    const id = ++lastId;
    return new Promise((settle, fail) => {
      job = { id, ...listeners, settle, fail, step: 0 };
      process.writeLine(JSON.stringify(lineOf(id)));
    });
  };

  return {
    hello,
    isAlive: () => alive,
    async train(request, onEpoch) {
      const ending = await begin((id): TrainLine => ({ kind: 'train', id, ...request }), { onEpoch });
      if (ending.kind === 'supernet-trained') throw new RangeError('the ending of another job');
      return ending;
    },
    async trainSupernet(request, onStep) {
      const line = (id: number): TrainSupernetLine => ({ kind: 'train-supernet', id, ...request });
      const ending = await begin(line, { onStep });
      if (ending.kind === 'trained') throw new RangeError('the ending of another job');
      return ending;
    },
    cancel() {
      if (job === undefined) return;
      const line: CancelLine = { kind: 'cancel', id: job.id };
      process.writeLine(JSON.stringify(line));
    },
    async kill() {
      alive = false;
      reason ??= 'it was ended';
      await process.kill();
    },
  };
}

function isEnding(line: ReturnType<typeof readLine>): line is Ending | SupernetEnding {
  return ['trained', 'supernet-trained', 'refused', 'cancelled'].includes(line.kind);
}

async function startPython(options: WorkerOptions): Promise<TransportProcess> {
  const { python, device, compile, threads = 1, signal } = options;
  const flags = ['--threads', `${threads}`, ...(compile === true ? ['--compile'] : [])];
  try {
    // -B: no compiled files beside the sources.
    const argv = [python, '-B', WORKER_CODE, '--device', device, ...flags] as const;
    return await localTransport.start(argv, signal === undefined ? {} : { signal });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new NasError(WHERE, {
      found: `${python} does not start (${messageOf(cause)})`,
      expected: 'a Python 3.9 or later with PyTorch',
      next: 'apt install python3-torch, or name another Python with --python PATH',
      cause,
    });
  }
}

async function awaitHello(
  process: TransportProcess,
  lines: AsyncIterator<string>,
  python: string,
): Promise<Hello> {
  for (;;) {
    const { silent, done, value } = await nextLine(lines, DEFAULT_SILENCE_MS);
    if (silent || done) {
      const how = silent ? `no word for ${DEFAULT_SILENCE_MS / 1000} s` : 'it ended';
      throw new NasError(WHERE, {
        found: `${python} starts no worker: ${how}${quoted(process.lastWords())}`,
        expected: 'a Python 3.9 or later with PyTorch',
        next: 'name one with --python PATH; nas trainers tells what it has',
      });
    }
    const line = readLine(value);
    if (line.kind === 'heartbeat') continue;
    if (line.kind === 'unusable') throw complaint(line);
    if (line.kind === 'hello' && line.protocol === PROTOCOL_VERSION) return line;
    throw new NasError(WHERE, {
      found: `its worker says ${line.kind === 'hello' ? `protocol ${line.protocol}` : line.kind}`,
      expected: `hello with protocol ${PROTOCOL_VERSION}`,
      next: 'install nas anew: its worker is of another version',
    });
  }
}

/** What a worker complains of, as an error of this program. */
export function complaint({
  found,
  expected,
  next,
}: {
  readonly found: string;
  readonly expected?: string | undefined;
  readonly next?: string | undefined;
}): NasError {
  return new NasError(WHERE, {
    found,
    ...(expected === undefined ? {} : { expected }),
    ...(next === undefined ? {} : { next }),
  });
}

interface NextLine {
  readonly silent: boolean;
  readonly done: boolean;
  readonly value: string;
}

/** How often silence is looked at within the time that it may last. */
const LOOKS = 20;

/** Counted in short turns: the time in which this process itself is stopped is no silence of the other. */
async function nextLine(lines: AsyncIterator<string>, silenceMs: number): Promise<NextLine> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silence'>((resolve) => {
    let looks = 0;
    timer = setInterval(() => {
      looks++;
      if (looks === LOOKS) resolve('silence');
    }, silenceMs / LOOKS);
  });
  const next = await Promise.race([lines.next(), silence]).finally(() => clearInterval(timer));
  if (next === 'silence') return { silent: true, done: false, value: '' };
  return { silent: false, done: next.done === true, value: next.done === true ? '' : next.value };
}

function readLine(text: string) {
  const where = 'a line of its worker';
  return parseWith(lineSchema, parseJson(text, where), where);
}

/** The last line of standard error, if any. */
function quoted(words: string): string {
  const line = words.split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `; it said: ${line}`;
}
