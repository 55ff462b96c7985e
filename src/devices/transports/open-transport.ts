import { NasError } from '../../base/errors.ts';
import { createAdbShell, whatIs } from './adb/adb-shell.ts';
import { listPhones } from './adb/phones.ts';
import { parseDeviceName } from './device-name.ts';
import { localTransport } from './local.ts';
import { createRemoteTransport, type RemoteOptions } from './remote/remote-transport.ts';
import { createSshShell } from './ssh/ssh-shell.ts';
import type { Transport } from './transport.ts';

export interface OpenOptions extends RemoteOptions {
  /**
   * `NAS_SSH_CONFIG` is a file for ssh to read instead of the user's configuration. adb and ssh have their own
   * variables, such as `ANDROID_ADB_SERVER_PORT`.
   */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * The transport to a device, by its name (see `parseDeviceName`). It connects when first used; that is when a phone
 * that is not there, or not yet authorized, is told.
 */
export async function openTransport(name: string, options: OpenOptions = {}): Promise<Transport> {
  const { environment = process.env } = options;
  const device = parseDeviceName(name);
  switch (device.kind) {
    case 'local':
      return localTransport;
    case 'adb':
      return createRemoteTransport(createAdbShell(device.serial ?? (await onlyPhone())), options);
    case 'ssh': {
      const config = environment.NAS_SSH_CONFIG;
      return createRemoteTransport(createSshShell({ ...device, ...(config ? { config } : {}) }), options);
    }
  }
}

async function onlyPhone(): Promise<string> {
  const phones = await listPhones();
  const [phone] = phones;
  if (phone !== undefined && phones.length === 1) return phone.serial;
  throw new NasError('adb', {
    found: phones.length === 0 ? 'no phone is attached' : `${phones.length} phones are attached`,
    ...whatIs(phones),
  });
}
