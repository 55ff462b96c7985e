import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Owner } from './store.ts';

/** This process, as a run's owner. */
export function thisProcess(): Owner {
  return { processId: process.pid, host: hostname(), started: startOf(process.pid) };
}

/**
 * Whether a run's owner still works on it: a process of its number that began when it did. One of another machine
 * cannot be asked and counts as living. `started` is empty where the system does not tell.
 */
export function isAlive({ processId, host, started }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(processId, 0);
  } catch (error) {
    // EPERM: a living process of another user.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(processId);
  return started === '' || now === '' || now === started;
}

/** When a process began: boot and clock ticks since it on Linux, a date on others that have ps; else empty. */
function startOf(processId: number): string {
  try {
    if (process.platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
      // The second field, a name in brackets, may hold blanks; the start is field 22.
      const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return state === 'Z' ? 'has ended' : `${boot} ${fields[18]}`;
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(processId)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return '';
  }
}
