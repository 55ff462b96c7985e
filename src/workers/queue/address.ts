import { readFileSync } from 'node:fs';
import type { RedisOptions } from 'bullmq';
import { messageOf, NasError } from '../../base/errors.ts';

/** Where the queue is. */
export interface QueueAddress {
  /** `redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]`, or `rediss://…` for TLS. */
  readonly url: string;
  /** File of the certificate authority that signed its certificate. Default: those of the system. */
  readonly certificateAuthority?: string | undefined;
  /** Where it is not in the address, which other users of a machine may see. */
  readonly password?: string | undefined;
}

/** Waits between attempts to reach a Redis that is gone: it may be restarted. */
const RECONNECT_MS = { first: 200, most: 5_000 };

/** What a connection is made with. Throws a NasError for what is no such address. */
export function connectionOf({ url, certificateAuthority, password }: QueueAddress): RedisOptions {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const database = /^\/?(\d*)$/.exec(parsed?.pathname ?? '')?.[1];
  if (
    parsed === undefined ||
    !['redis:', 'rediss:'].includes(parsed.protocol) ||
    parsed.hostname === '' ||
    database === undefined
  ) {
    throw new NasError('--queue', {
      found: shownAddress(url),
      expected: 'redis://HOST[:PORT][/DATABASE], or rediss:// for TLS',
    });
  }
  const secret = parsed.password === '' ? password : decodeURIComponent(parsed.password);
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    db: database === '' ? 0 : Number(database),
    ...(parsed.username === '' ? {} : { username: decodeURIComponent(parsed.username) }),
    ...(secret === undefined ? {} : { password: secret }),
    ...(parsed.protocol === 'rediss:' ? { tls: tlsOf(certificateAuthority) } : {}),
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(RECONNECT_MS.most, RECONNECT_MS.first * 2 ** Math.min(times, 10)),
  };
}

/** The address without its password. */
export function shownAddress(url: string): string {
  return url.replace(/^(rediss?:\/\/[^/@]*:)[^@]*@/, '$1…@');
}

function tlsOf(file: string | undefined): { readonly ca?: string } {
  if (file === undefined) return {};
  try {
    return { ca: readFileSync(file, 'utf8') };
  } catch (cause) {
    throw new NasError('--queue-ca', {
      found: `${file} cannot be read (${messageOf(cause)})`,
      expected: 'a file of certificates in PEM',
      cause,
    });
  }
}
