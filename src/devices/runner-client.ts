import { messageOf, NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';
import {
  type Answer,
  answerSchema,
  type Hello,
  type MeasuredAnswer,
  type MeasureRequest,
  PROTOCOL_VERSION,
} from './runner-protocol.ts';
import type { ProcessExit, Transport, TransportProcess } from './transports/transport.ts';

export interface RunnerClientOptions {
  /** For messages: the device that is measured. */
  readonly device: string;
  readonly transport: Transport;
  readonly argv: readonly [string, ...string[]];
  /** Longest wait for the runner to say hello. */
  readonly startTimeoutMs?: number;
  /** Longest silence while it measures. */
  readonly silenceTimeoutMs?: number;
}

/** A runner at the other end of a transport, started when first needed and again after it was lost. */
export interface RunnerClient {
  /** Starts the runner unless it runs, and tells what it said of itself. */
  hello(): Promise<Hello>;
  /**
   * Sends a request and yields results as they come. Rejects with a NasError naming the device and what it was
   * measuring when the runner reports an error, dies or falls silent; it is then gone, and so is its process.
   */
  measure(
    request: Omit<MeasureRequest, 'kind' | 'id'>,
    signal?: AbortSignal,
  ): AsyncGenerator<MeasuredAnswer, void>;
  close(): Promise<void>;
}

interface Session {
  readonly process: TransportProcess;
  readonly lines: AsyncIterator<string>;
  readonly hello: Hello;
}

const LONG_ENOUGH_TO_START_MS = 30_000;
/** Above the patience with a network on a busy machine; see measuring/effort.ts. */
const LONG_ENOUGH_TO_MEASURE_MS = 90_000;

export function createRunnerClient(options: RunnerClientOptions): RunnerClient {
  const startTimeoutMs = options.startTimeoutMs ?? LONG_ENOUGH_TO_START_MS;
  const silenceTimeoutMs = options.silenceTimeoutMs ?? LONG_ENOUGH_TO_MEASURE_MS;
  let session: Promise<Session> | undefined;
  let busy: Promise<void> = Promise.resolve();
  let lastId = 0;

  const open = async (): Promise<Session> => {
    session ??= startSession(options, startTimeoutMs);
    try {
      return await session;
    } catch (thrown) {
      session = undefined;
      throw thrown;
    }
  };

  const close = async (): Promise<void> => {
    const ending = session;
    session = undefined;
    // A session that failed to start has cleaned up after itself.
    await ending?.then(({ process }) => process.kill()).catch(() => {});
  };

  return {
    hello: async () => (await open()).hello,
    async *measure(request, signal) {
      // A runner answers one request at a time: wait for the one before.
      const previous = busy;
      const { promise, resolve: release } = deferred();
      busy = promise;
      await previous;
      let complete = false;
      try {
        signal?.throwIfAborted();
        const { process, lines } = await open();
        const abort = (): void => void process.kill();
        signal?.addEventListener('abort', abort, { once: true });
        try {
          lastId += 1;
          process.writeLine(JSON.stringify({ kind: 'measure', id: lastId, ...request }));
          yield* answersTo(lastId, process, lines, options.device, silenceTimeoutMs);
          complete = true;
        } catch (thrown) {
          signal?.throwIfAborted();
          throw thrown;
        } finally {
          signal?.removeEventListener('abort', abort);
        }
      } finally {
        // Whoever stops listening midway leaves answers behind that the next request must not see.
        if (!complete) await close();
        release();
      }
    },
    close,
  };
}

async function startSession(options: RunnerClientOptions, timeoutMs: number): Promise<Session> {
  const process = await options.transport.start(options.argv);
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

async function* answersTo(
  id: number,
  process: TransportProcess,
  lines: AsyncIterator<string>,
  device: string,
  timeoutMs: number,
): AsyncGenerator<MeasuredAnswer, void> {
  const started: string[] = [];
  for (;;) {
    const doing = started.length === 0 ? 'preparing to measure' : `measuring ${started.join(' | ')}`;
    const answer = await nextAnswer(process, lines, device, doing, timeoutMs);
    switch (answer.kind) {
      case 'started':
        started.push(answer.key);
        break;
      case 'measured':
        started.splice(started.indexOf(answer.key), 1);
        yield answer;
        break;
      case 'done':
        return;
      case 'error':
        throw new NasError(`${device}: ${answer.where}`, {
          found: answer.found,
          ...(answer.expected === undefined ? {} : { expected: answer.expected }),
          ...(answer.next === undefined ? {} : { next: answer.next }),
        });
      case 'hello':
        throw new NasError(device, { found: 'its runner says hello twice', expected: `answers to ${id}` });
    }
  }
}

/** The next line, parsed; a NasError when there is none in time or ever. */
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
  const result = await Promise.race([lines.next(), silence]).finally(() => clearTimeout(timer));
  if (result === 'silence') {
    throw new NasError(device, {
      found: `no word for ${timeoutMs / 1000} s while ${doing}${quoted(process.lastWords())}`,
      next: 'measure again; what is measured stays',
    });
  }
  if (result.done === true) {
    const exit = await process.exited;
    throw new NasError(device, {
      found: `its runner ended (${printExit(exit)}) while ${doing}${quoted(process.lastWords())}`,
      next: 'measure again; what is measured stays',
    });
  }
  try {
    const where = 'answer of its runner';
    return parseWith(answerSchema, parseJson(result.value, where), where);
  } catch (cause) {
    throw new NasError(device, { found: `${messageOf(cause)} while ${doing}`, cause });
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

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
