import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { NasError } from '../../base/errors.ts';
import { parseDurationMs } from '../../base/units.ts';
import { resolveBinary } from '../../devices/runtimes/tflite/benchmark-binary.ts';
import { createProgress } from '../../report/progress.ts';
import { EXIT } from '../exit.ts';
import { runWorker } from '../run-worker.ts';
import {
  addParallelTrainingOptions,
  addTrainerOptions,
  type ParallelTrainingOptions,
  trainerConfigOf,
} from '../trainer-options.ts';
import { addQueueOptions, type QueueOptions, queueAddressOf, requireShared } from '../work-queue.ts';

interface WorkerOptions extends QueueOptions, Omit<ParallelTrainingOptions, 'trainer'> {
  readonly trainer?: ParallelTrainingOptions['trainer'];
  readonly device?: readonly string[];
  readonly benchmarkModel?: string;
  readonly stalledAfter: string;
}

/** For giving tasks back. */
const GIVE_BACK_MS = 10_000;

export function addWorker(program: Command): void {
  const worker = program
    .command('worker')
    .description('Take trainings and measurements from a queue, until it is ended');
  addQueueOptions(worker);
  addParallelTrainingOptions(addTrainerOptions(worker));
  worker
    .addOption(
      new Option('--device <name>', 'measure on it; may be given several times').argParser(
        (name: string, before: readonly string[] | undefined) => [...(before ?? []), name],
      ),
    )
    .option(
      '--benchmark-model <path>',
      'of --device: the benchmark_model that runs there where tflite is asked for',
      (path) => resolveBinary(path, resolve),
    )
    .option('--stalled-after <duration>', 'without a sign of life its tasks go to other workers', '30s')
    .addHelpText(
      'after',
      `
Ctrl-C finishes what is under way and takes no more; a second one gives it back to the queue.

Examples:
  $ nas worker --queue redis://host --shared /mnt/nas --trainer pytorch --gpus 0,1
  $ nas worker --queue redis://host --shared /mnt/nas --device adb:SERIAL`,
    )
    .action(async (options: WorkerOptions, command: Command) => {
      const devices = options.device ?? [];
      // Only what was asked for: the option's default would have every host with a phone train as well.
      const trains = command.getOptionValueSource('trainer') === 'cli';
      if (!trains && devices.length === 0) {
        throw new NasError('nas worker', {
          found: 'neither --trainer nor --device',
          expected: 'what it is to do',
          next: 'add --trainer embedded, or --device adb',
        });
      }
      const offer = {
        ...{ address: queueAddressOf(options), shared: requireShared(options), devices },
        trainer: trains ? trainerConfigOf({ ...options, trainer: options.trainer ?? 'embedded' }) : undefined,
        ...{ workers: options.workers, benchmarkModel: options.benchmarkModel },
        stalledMs: parseDurationMs(options.stalledAfter, '--stalled-after'),
      };
      const progress = createProgress(process.stderr);
      const [ending, hurrying] = [new AbortController(), new AbortController()];
      const end = (): void => {
        if (ending.signal.aborted) {
          hurrying.abort();
          // A Redis that is gone takes nothing back: the tasks count as stalled then.
          setTimeout(() => process.exit(EXIT.interrupted), GIVE_BACK_MS).unref();
          return;
        }
        progress.line('ending   what is under way is finished; again to give it back');
        ending.abort();
      };
      process.on('SIGINT', end);
      process.on('SIGTERM', end);
      await runWorker(offer, { progress, signal: ending.signal }, hurrying.signal);
      process.exitCode = hurrying.signal.aborted ? EXIT.interrupted : EXIT.done;
    });
}
