import type { Device } from '../devices/device.ts';
import type { TableFile } from '../devices/table-file.ts';
import { warningsAfter, warningsBefore } from '../report/device-warnings.ts';
import type { Work } from './work.ts';

interface Session {
  end(): Promise<void>;
}

/** Says what speaks against measuring now, and has the table keep how the device is before and, at the end, after. */
export async function beginSession(
  device: Pick<Device, 'state'>,
  file: TableFile,
  { progress, signal }: Pick<Work, 'progress' | 'signal'>,
): Promise<Session> {
  const warn = (warning: string): void => progress.line(`warning  ${warning}`);
  const before = await device.state({ signal });
  warningsBefore(before).forEach(warn);
  file.begin(before);
  return {
    async end() {
      const after = await device.state({ signal });
      warningsAfter(before, after).forEach(warn);
      file.end(after);
    },
  };
}
