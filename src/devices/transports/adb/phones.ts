import { NasError } from '../../../base/errors.ts';
import { localTransport } from '../local.ts';
import type { RunResult } from '../transport.ts';

/** A phone as the adb server sees it. */
export interface Phone {
  /** Also `HOST:PORT`. */
  readonly serial: string;
  /** `device` is the good one; others are `unauthorized`, `offline`, `no permissions`, `recovery`, … */
  readonly state: string;
}

const ADB_MS = 30_000;

/** Runs a command of adb that ends by itself. */
export function adb(...args: readonly string[]): Promise<RunResult> {
  return localTransport.run(['adb', ...args], { timeoutMs: ADB_MS });
}

export async function listPhones(): Promise<readonly Phone[]> {
  const { stdout, stderr, code } = await adb('devices', '-l');
  if (code === 0) return parsePhones(stdout);
  throw new NasError('adb devices', {
    found: stderr === '' ? `exit code ${code}` : stderr,
    expected: 'a list of phones',
    next: 'adb kill-server, then do the same again',
  });
}

/** Reads `adb devices -l`. */
export function parsePhones(text: string): readonly Phone[] {
  return text.split('\n').flatMap((line) => {
    if (line.startsWith('List of devices') || line.startsWith('*')) return [];
    const [, serial, state] = /^(\S+)\s+(no permissions|\S+)/.exec(line) ?? [];
    return serial === undefined || state === undefined ? [] : [{ serial, state }];
  });
}
