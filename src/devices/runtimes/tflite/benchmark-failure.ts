import { type ErrorDetail, NasError } from '../../../base/errors.ts';
import { RunnerLost } from '../../runner-client.ts';
import type { ProcessExit } from '../../transports/transport.ts';
import { shorten } from './benchmark-report.ts';

/** What is known of a run that did not come to its end. */
export interface FailedRun {
  readonly device: string;
  /** For messages: `measuring 56x56x24 …`. */
  readonly doing: string;
  readonly exit: ProcessExit;
  readonly lines: readonly string[];
}

const NEWER = 'give --benchmark-model that of a newer TensorFlow Lite or LiteRT';
const FITTING = 'give --benchmark-model one that was built for the processor and system of the device';

/** Complaints that say what to do, the telling ones first. */
const COMPLAINTS: readonly (readonly [RegExp, (...groups: string[]) => ErrorDetail])[] = [
  [
    /Didn't find op for builtin opcode '(\w+)' version '(\d+)'/,
    (op, version) => ({ found: `it has no operator ${op} of version ${version}`, next: NEWER }),
  ],
  [/builtin_code out of range/, () => ({ found: 'it does not know an operator of the model', next: NEWER })],
  [
    /Failed to parse flag '(\w+)'/,
    (flag) => ({ found: `it does not take --${flag} as others do`, next: NEWER }),
  ],
  [
    /taskset: .*affinity/,
    () => ({ found: 'it cannot be put on that core', expected: '--core with one that the device has' }),
  ],
  [
    /taskset: .*not found/,
    () => ({ found: 'there is no taskset to put it on a core', next: 'leave --core away' }),
  ],
  [
    /[Ee]xec format error|cannot execute binary|not executable: |required file not found/,
    () => ({ found: 'it does not run on that processor', next: FITTING }),
  ],
  [
    /[Pp]ermission denied/,
    () => ({ found: 'it may not be run', expected: 'a program', next: 'chmod +x the program' }),
  ],
  [
    /: (?:inaccessible or )?not found$|No such file or directory$/,
    () => ({ found: 'it, or a library that it needs, is not there', next: FITTING }),
  ],
];

/** The error for a run that ended badly. */
export function explainFailure({ device, doing, exit, lines }: FailedRun): NasError {
  const where = `${device}: benchmark_model`;
  if (exit.signal !== null) {
    // By the system, when it lacks memory, say.
    return new RunnerLost(where, {
      found: `it was ended by ${exit.signal} while ${doing}${quoted(lastComplaint(lines))}`,
      expected: 'its times',
      next: 'see that the device has memory to spare; another build of benchmark_model may run it',
    });
  }
  for (const [pattern, explain] of COMPLAINTS) {
    for (const line of lines) {
      const match = pattern.exec(line.trimEnd());
      if (match === null) continue;
      const { found, ...rest } = explain(...match.slice(1));
      return new NasError(where, { found: `${found} (while ${doing}${quoted(line)})`, ...rest });
    }
  }
  return new NasError(where, {
    found: `it ended with exit code ${exit.code} while ${doing}${quoted(lastComplaint(lines))}`,
    expected: 'its times',
    next: NEWER,
  });
}

/** The last line that complains, or the last one; `Benchmarking failed.` says nothing. */
function lastComplaint(lines: readonly string[]): string {
  const telling = lines.filter((line) => line.trim() !== '' && !/Benchmarking failed\.$/.test(line.trim()));
  return telling.findLast((line) => /error|fatal|fail|abort/i.test(line)) ?? telling.at(-1) ?? '';
}

function quoted(line: string): string {
  return line === '' ? '' : `; it said: ${shorten(line)}`;
}
