import { hostname } from 'node:os';
import { NasError } from '../base/errors.ts';
import { isAlive } from './owner.ts';
import type { Owner } from './store.ts';

/** Throws a NasError where what a process wants to claim is held by another one that lives. */
export function refuseOtherOwner(held: Owner | undefined, owner: Owner, where: string): void {
  const own =
    held?.processId === owner.processId &&
    held.host === owner.host &&
    (held.started === owner.started || held.started === '');
  if (held === undefined || own || !isAlive(held)) return;
  const elsewhere = held.host === hostname() ? '' : ` of ${held.host}`;
  throw new NasError(where, {
    found: `process ${held.processId}${elsewhere} is working on it`,
    expected: 'one process at a time',
    next:
      elsewhere === ''
        ? `wait for it, or end it (kill ${held.processId}), then resume`
        : 'wait for it; if it is gone for certain, resume with --take-over',
  });
}
