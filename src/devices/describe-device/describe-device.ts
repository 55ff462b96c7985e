import { NasError } from '../../base/errors.ts';
import type { DeviceState } from '../../latency/device-state.ts';
import type { Transport } from '../transports/transport.ts';
import type { DeviceFacts } from './facts.ts';
import { parseFacts, parseState } from './parse-facts.ts';
import { DESCRIBE, DESCRIBE_STATE } from './script.ts';

const LONG_ENOUGH_MS = 60_000;

/** Asks a device, over whatever transport reaches it, what it is and how it is, in one go. */
export async function describeDevice(
  transport: Pick<Transport, 'run'>,
  signal?: AbortSignal,
): Promise<DeviceFacts> {
  return parseFacts(await answerTo(DESCRIBE, transport, signal));
}

/** Asks a device how it is now; null where it cannot be asked, which is no reason to stop what is under way. */
export async function describeState(
  transport: Pick<Transport, 'run'>,
  signal?: AbortSignal,
): Promise<DeviceState | null> {
  try {
    return parseState(await answerTo(DESCRIBE_STATE, transport, signal));
  } catch (thrown) {
    signal?.throwIfAborted();
    if (!(thrown instanceof NasError)) throw thrown;
    return null;
  }
}

async function answerTo(
  script: string,
  transport: Pick<Transport, 'run'>,
  signal: AbortSignal | undefined,
): Promise<string> {
  const options = { timeoutMs: LONG_ENOUGH_MS, ...(signal === undefined ? {} : { signal }) };
  return (await transport.run(['sh', '-c', script], options)).stdout;
}
