import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { messageOf, NasError } from '../../../base/errors.ts';
import type { Transport } from '../../transports/transport.ts';
import { digestOfFile } from '../xnnpack/digest-file.ts';

/** Before the path of a program that the device has already. */
const ON_DEVICE = 'device:';

export interface BenchmarkBinary {
  /** Where it runs. */
  readonly path: string;
  /** SHA-256 of the program, which tells no version. */
  readonly digest: string;
}

/** Finds what `--benchmark-model` names, a path here or `device:PATH`, and puts it on the device where it is not. */
export async function locateBinary(
  name: string,
  transport: Pick<Transport, 'name' | 'run' | 'push'>,
): Promise<BenchmarkBinary> {
  if (name.startsWith(ON_DEVICE)) return onDevice(name.slice(ON_DEVICE.length), transport);
  try {
    if (!(await stat(name)).isFile()) throw new Error('not a file');
    await access(name, constants.X_OK);
  } catch (cause) {
    throw new NasError('--benchmark-model', {
      found: messageOf(cause),
      expected: 'a program on this machine, or device:PATH for one on the device',
      cause,
    });
  }
  return { digest: await digestOfFile(name, 'sha256'), path: await transport.push(name) };
}

async function onDevice(path: string, transport: Pick<Transport, 'name' | 'run'>): Promise<BenchmarkBinary> {
  const { stdout, stderr } = await transport.run(['sha256sum', path]);
  const digest = /\b[0-9a-f]{64}\b/.exec(stdout)?.[0];
  if (digest !== undefined) return { path, digest };
  throw new NasError('--benchmark-model', {
    found: `${transport.name} has no such program (${stderr || 'no word from sha256sum'})`,
    expected: `${ON_DEVICE}PATH with one it has, or the path of one on this machine`,
  });
}

/** As a run keeps it: another day, a relative path may mean another file. */
export function resolveBinary(name: string, resolve: (path: string) => string): string {
  return name.startsWith(ON_DEVICE) ? name : resolve(name);
}
