import { Redis } from 'ioredis';
import { messageOf, NasError } from '../../base/errors.ts';
import { connectionOf, type QueueAddress, shownAddress } from './address.ts';

/** A Redis that does not answer at the beginning will not later: a wrong name, password or port. */
const FIRST_ANSWER_MS = 10_000;

/** A connection for single commands, which comes back when it is lost. Rejects with a NasError where there is none. */
export async function connect(address: QueueAddress): Promise<Redis> {
  const redis = new Redis({ ...connectionOf(address), lazyConnect: true, connectTimeout: FIRST_ANSWER_MS });
  // What goes wrong later is retried; without a listener it would end the process.
  let complaint: unknown;
  redis.on('error', (error) => {
    complaint = error;
  });
  const silence = new Promise<never>((_, reject) => {
    setTimeout(() => reject(complaint ?? new Error('no answer')), FIRST_ANSWER_MS).unref();
  });
  try {
    const refused = new Promise<never>((_, reject) => redis.once('error', reject));
    await Promise.race([redis.connect().then(() => redis.ping()), refused, silence]);
    return redis;
  } catch (cause) {
    redis.disconnect();
    throw new NasError(shownAddress(address.url), {
      found: `no queue that answers (${messageOf(cause)})`,
      expected: 'a Redis of version 6.2 or later',
      next: 'start one (redis-server --appendonly yes), or correct the address, its password or --queue-ca',
      cause,
    });
  }
}
