import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, NasError } from '../../../base/errors.ts';

/** Longer than any token. */
const TOKEN_BYTES = 64;

/** Begins to listen, and returns the port. Throws a NasError where the address or the port is not to be had. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        new NasError(`${host}:${port}`, {
          found: cause.code === 'EADDRINUSE' ? 'another program listens there' : messageOf(cause),
          expected: 'an address of this machine and a free port',
          next: 'name another: --port N',
          cause,
        }),
      ),
    );
    server.listen(port, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** What a request shows in the cookie of a name. */
export function sessionOf({ headers }: IncomingMessage, cookie: string): string | undefined {
  for (const pair of (headers.cookie ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === cookie) return value;
  }
  return undefined;
}

/** A request's body; `undefined` where it is longer than any token, or breaks off. */
export async function readToken(request: IncomingMessage): Promise<string | undefined> {
  let text = '';
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (text.length > TOKEN_BYTES) return undefined;
    }
  } catch {
    return undefined;
  }
  return text;
}
