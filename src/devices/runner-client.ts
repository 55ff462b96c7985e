import { messageOf, NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import { floatsFromBase64, floatsToBase64 } from './base64-floats.ts';
import {
  type Answer,
  answerSchema,
  type Hello,
  type Loaded,
  type LoadRequest,
  PROTOCOL_VERSION,
  type Reading,
  type Request,
} from './runner-protocol.ts';
import type { ProcessExit, Transport, TransportProcess } from './transports/transport.ts';

export interface RunnerClientOptions {
  /** For messages: the device that is measured. */
  readonly device: string;
  readonly transport: Pick<Transport, 'start'>;
  readonly argv: readonly [string, ...string[]];
  /** Longest wait for the runner to say hello. */
  readonly startTimeoutMs?: number;
  /** Longest wait for an answer. */
  readonly answerTimeoutMs?: number;
}

/** A runner that ended, fell silent or talked nonsense. It is gone, with all it had loaded; the next request starts another. */
export class RunnerLost extends NasError {}

/**
 * A runner at the other end of a transport, started when first needed and again after it was lost. A request that
 * the runner refuses rejects with a NasError and leaves it as it was; any other trouble rejects with `RunnerLost`.
 */
export interface RunnerClient {
  /** Starts the runner unless it runs, and tells what it said of itself. */
  hello(): Promise<Hello>;
  load(subject: Omit<LoadRequest, 'kind' | 'id'>): Promise<Loaded>;
  /** One reading a key, in order. */
  sample(keys: readonly string[], cold: boolean): Promise<readonly Reading[]>;
  unload(keys: readonly string[]): Promise<void>;
  /** What a model that was loaded as a file makes of the inputs of one or more images, one after another. */
  run(key: string, inputs: Float32Array): Promise<Float32Array>;
  /** Ends the runner. A request under way rejects. */
  close(): Promise<void>;
}

interface Session {
  readonly process: TransportProcess;
  readonly lines: AsyncIterator<string>;
  readonly hello: Hello;
}

const LONG_ENOUGH_TO_START_MS = 30_000;
const LONG_ENOUGH_TO_ANSWER_MS = 60_000;

/** A request before it has its number. */
type Unnumbered<R> = R extends Request ? Omit<R, 'id'> : never;

export function createRunnerClient(options: RunnerClientOptions): RunnerClient {
  const startTimeoutMs = options.startTimeoutMs ?? LONG_ENOUGH_TO_START_MS;
  const answerTimeoutMs = options.answerTimeoutMs ?? LONG_ENOUGH_TO_ANSWER_MS;
  let session: Promise<Session> | undefined;
  /** Ends the wait for a session that has not begun. */
  let opening = new AbortController();
  /** Requests go one by one: each waits for the answer to the one before. */
  let before: Promise<unknown> = Promise.resolve();
  let lastId = 0;

  const open = (): Promise<Session> => {
    if (session === undefined) {
      opening = new AbortController();
      const begun = startSession(options, startTimeoutMs, opening.signal).catch((thrown) => {
        if (session === begun) session = undefined;
        throw thrown;
      });
      session = begun;
    }
    return session;
  };

  const close = async (): Promise<void> => {
    const ending = session;
    session = undefined;
    // A phone that was lost may be waited for; nobody needs it any more.
    opening.abort(new NasError(options.device, { found: 'closed while its runner was starting' }));
    // A session that failed to start has cleaned up after itself.
    await ending?.then(({ process }) => process.kill()).catch(() => {});
  };

  const exchange = async <Kind extends Answer['kind']>(
    request: Unnumbered<Request>,
    kind: Kind,
    doing: string,
  ): Promise<Extract<Answer, { kind: Kind }>> => {
    const { process, lines } = await open();
    const id = ++lastId;
    process.writeLine(JSON.stringify({ ...request, id }));
    try {
      const answer = await nextAnswer(process, lines, options.device, doing, answerTimeoutMs);
      if (answer.kind === 'error' && answer.id === id) throw refusal(options.device, answer);
      if (answer.kind === kind && 'id' in answer && answer.id === id) {
        return answer as Extract<Answer, { kind: Kind }>;
      }
      throw new RunnerLost(options.device, {
        found: `its runner answers '${answer.kind}' while ${doing}`,
        expected: `'${kind}' to request ${id}`,
      });
    } catch (thrown) {
      if (thrown instanceof RunnerLost) await close();
      throw thrown;
    }
  };

  const ask: typeof exchange = (request, kind, doing) => {
    const answer = before.then(() => exchange(request, kind, doing));
    before = answer.catch(() => {});
    return answer;
  };

  return {
    hello: async () => (await open()).hello,
    load: (subject) => ask({ kind: 'load', ...subject }, 'loaded', `loading ${subject.key}`),
    async sample(keys, cold) {
      const doing = `measuring ${[...new Set(keys)].join(' | ')}`;
      const { samples } = await ask({ kind: 'sample', keys: [...keys], cold }, 'sampled', doing);
      if (samples.length === keys.length) return samples;
      await close();
      throw new RunnerLost(options.device, {
        found: `${samples.length} samples while ${doing}`,
        expected: `${keys.length}`,
      });
    },
    async unload(keys) {
      await ask({ kind: 'unload', keys: [...keys] }, 'unloaded', 'unloading');
    },
    async run(key, inputs) {
      const request = { kind: 'run', key, inputs: floatsToBase64(inputs) } as const;
      return floatsFromBase64((await ask(request, 'ran', `running ${key}`)).outputs);
    },
    close,
  };
}

async function startSession(
  options: RunnerClientOptions,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Session> {
  const process = await options.transport.start(options.argv, { signal });
  const lines = process.lines[Symbol.asyncIterator]();
  try {
    const answer = await nextAnswer(process, lines, options.device, 'starting its runner', timeoutMs);
    if (answer.kind !== 'hello' || answer.protocol !== PROTOCOL_VERSION) {
      throw new NasError(options.device, {
        found: `its runner says ${answer.kind === 'hello' ? `protocol ${answer.protocol}` : answer.kind}`,
        expected: `hello with protocol ${PROTOCOL_VERSION}`,
        next: 'build and install the runner of this version of nas',
      });
    }
    return { process, lines, hello: answer };
  } catch (thrown) {
    await process.kill();
    throw thrown;
  }
}

/** In characters, of each part of what a runner complains of. */
const LONGEST_COMPLAINT = 1_000;

function refusal(device: string, answer: Extract<Answer, { kind: 'error' }>): NasError {
  const [where, found, expected, next] = [answer.where, answer.found, answer.expected, answer.next].map(
    (text) => text?.slice(0, LONGEST_COMPLAINT),
  );
  return new NasError(`${device}: ${where}`, {
    found: found ?? '',
    ...(expected === undefined ? {} : { expected }),
    ...(next === undefined ? {} : { next }),
  });
}

/** The next line, parsed; `RunnerLost` when there is none in time or ever. */
async function nextAnswer(
  process: TransportProcess,
  lines: AsyncIterator<string>,
  device: string,
  doing: string,
  timeoutMs: number,
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<'silence'>((resolve) => {
    timer = setTimeout(resolve, timeoutMs, 'silence');
  });
  const result = await Promise.race([lines.next(), silence])
    .catch((cause) => {
      throw new RunnerLost(device, { found: `${messageOf(cause)} while ${doing}`, cause });
    })
    .finally(() => clearTimeout(timer));
  if (result === 'silence') {
    throw new RunnerLost(device, {
      found: `no word for ${timeoutMs / 1000} s while ${doing}${quoted(process.lastWords())}`,
      next: 'measure again; what is measured stays',
    });
  }
  if (result.done === true) {
    const exit = await process.exited;
    throw new RunnerLost(device, {
      found: `its runner ended (${printExit(exit)}) while ${doing}${quoted(process.lastWords())}`,
      next: 'measure again; what is measured stays',
    });
  }
  try {
    const where = 'answer of its runner';
    return parseWith(answerSchema, parseJson(result.value, where), where);
  } catch (cause) {
    throw new RunnerLost(device, { found: `${messageOf(cause)} while ${doing}`, cause });
  }
}

function printExit({ code, signal }: ProcessExit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`;
}

/** The last line of standard error, if any. */
function quoted(words: string): string {
  const line = words.split('\n').at(-1)?.trim() ?? '';
  return line === '' ? '' : `; it said: ${line}`;
}
