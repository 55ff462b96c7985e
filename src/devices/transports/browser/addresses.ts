import { networkInterfaces } from 'node:os';
import { NasError } from '../../../base/errors.ts';

/** Reached from this machine alone. */
export const LOOPBACK = '127.0.0.1';
/** Reached over every network that this machine is on. */
export const EVERY_NETWORK = '0.0.0.0';

/** The addresses of this machine that others on its networks may know it by; IPv4, as phones type it. */
export function networkAddresses(interfaces = networkInterfaces()): readonly string[] {
  return Object.values(interfaces).flatMap((addresses = []) =>
    addresses.flatMap(({ address, family, internal }) => (family === 'IPv4' && !internal ? [address] : [])),
  );
}

/** Names that a browser may know the server by, the best first. */
export function namesOf(host: string): readonly [string, ...string[]] {
  if (host !== EVERY_NETWORK) return host === LOOPBACK ? [LOOPBACK, 'localhost'] : [host];
  const [first, ...rest] = networkAddresses();
  if (first === undefined) {
    throw new NasError('--lan', {
      found: 'this machine is on no network',
      expected: 'an address that a phone can reach',
      next: 'join a network, or use a cable: nas devices pair --adb SERIAL',
    });
  }
  return [first, ...rest, LOOPBACK, 'localhost'];
}

export function isLoopback(name: string): boolean {
  return name === LOOPBACK || name === 'localhost';
}
