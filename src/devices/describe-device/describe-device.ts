import type { Transport } from '../transports/transport.ts';
import type { DeviceFacts } from './facts.ts';
import { parseFacts } from './parse-facts.ts';
import { DESCRIBE } from './script.ts';

const LONG_ENOUGH_MS = 20_000;

/** Asks a device, over whatever transport reaches it, what it is and how it is, in one go. */
export async function describeDevice(
  transport: Pick<Transport, 'run'>,
  signal?: AbortSignal,
): Promise<DeviceFacts> {
  const options = { timeoutMs: LONG_ENOUGH_MS, ...(signal === undefined ? {} : { signal }) };
  return parseFacts((await transport.run(['sh', '-c', DESCRIBE], options)).stdout);
}
