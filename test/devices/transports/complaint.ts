import type { NasError } from '../../../src/base/errors.ts';
import { openTransport } from '../../../src/devices/transports/open-transport.ts';

/** What a user is told who names a device that cannot be used. */
export async function complaint(device: string, environment?: NodeJS.ProcessEnv): Promise<string> {
  try {
    const transport = await openTransport(device, environment === undefined ? {} : { environment });
    await transport.run(['true']).finally(() => transport.close());
  } catch (thrown) {
    const { message, next } = thrown as NasError;
    return `${message}\n${next}`;
  }
  return 'none';
}
