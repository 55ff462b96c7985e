import { NasError } from '../../base/errors.ts';

/** What a device's name says: `local`, `adb`, `adb:SERIAL`, `adb:HOST:PORT`, `ssh:[USER@]HOST[:PORT]`. */
export type DeviceName =
  | { readonly kind: 'local' }
  /** Without a serial: the only phone that is attached. */
  | { readonly kind: 'adb'; readonly serial?: string }
  | { readonly kind: 'ssh'; readonly host: string; readonly user?: string; readonly port?: number };

export function parseDeviceName(text: string): DeviceName {
  if (text === 'local') return { kind: 'local' };
  if (text === 'adb') return { kind: 'adb' };
  if (/^adb:[^\s\p{Cc}-][^\s\p{Cc}]*$/u.test(text)) return { kind: 'adb', serial: text.slice('adb:'.length) };
  // A host does not begin with a dash, which ssh would take for an option. What shells read as more than a word may get
  // to one: by a ProxyCommand in the user's own configuration.
  const ssh =
    /^ssh:(?:(?<user>[^\s@:-][^\s@:]*)@)?(?:\[(?<six>[^\s\]]+)\]|(?<host>[^\s@:[-][^\s@:]*))(?::(?<port>\d+))?$/;
  const isPlain = !/["'`$;&|<>(){}\\!*?#~\p{Cc}]/u.test(text);
  const { user, six, host = six, port } = (isPlain ? ssh.exec(text)?.groups : undefined) ?? {};
  if (host !== undefined && (port === undefined || (Number(port) > 0 && Number(port) < 65536))) {
    return {
      kind: 'ssh',
      host,
      ...(user === undefined ? {} : { user }),
      ...(port === undefined ? {} : { port: Number(port) }),
    };
  }
  throw new NasError('device', {
    found: `'${text}' names none`,
    expected: 'local, adb, adb:SERIAL, adb:HOST:PORT, ssh:USER@HOST or ssh:USER@HOST:PORT',
    next: '`nas devices` lists what is attached',
  });
}
