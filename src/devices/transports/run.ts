import { NasError } from '../../base/errors.ts';
import { CONNECTION_LOST, type RunOptions, type RunResult, type Transport } from './transport.ts';

/** In characters; what describes a phone is some ten thousand. */
const LONGEST_OUTPUT = 64 << 20;

/** `run` of every transport, in terms of `start`. */
export async function runToEnd(
  transport: Pick<Transport, 'name' | 'start'>,
  argv: readonly [string, ...string[]],
  { input, ...options }: RunOptions,
): Promise<RunResult> {
  const process = await transport.start(argv, options);
  if (input !== undefined) process.write(input);
  process.closeInput();
  const lines: string[] = [];
  let characters = 0;
  try {
    for await (const line of process.lines) {
      lines.push(line);
      characters += line.length;
      if (characters > LONGEST_OUTPUT) throw flood(transport.name, argv[0]);
    }
  } catch (thrown) {
    await process.kill();
    throw thrown;
  }
  const { code, signal } = await process.exited;
  options.signal?.throwIfAborted();
  if (code !== null) return { stdout: lines.join('\n'), stderr: process.lastWords(), code };
  const { timeoutMs } = options;
  throw new NasError(`${transport.name}: ${argv[0]}`, {
    found: signal === CONNECTION_LOST ? 'the connection was lost before its end' : `ended by ${signal}`,
    ...(timeoutMs === undefined ? {} : { expected: `an end within ${timeoutMs / 1000} s` }),
    next:
      signal === CONNECTION_LOST
        ? 'connect it again, and do the same again'
        : 'see what keeps it, or kills it',
  });
}

function flood(machine: string, program: string): NasError {
  return new NasError(`${machine}: ${program}`, {
    found: `more than ${LONGEST_OUTPUT} characters of output`,
    expected: 'an end of it',
  });
}
