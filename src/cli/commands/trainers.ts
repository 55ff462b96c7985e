import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { NasError } from '../../base/errors.ts';
import { formatCount } from '../../base/units.ts';
import { textTable } from '../../report/text-table.ts';
import { machineRounding } from '../../trainers/embedded/runtime.ts';
import { startTrainingWorker } from '../../trainers/pytorch/training-worker.ts';
import { print, printJson } from '../output.ts';
import { DEFAULT_PYTHON } from '../trainer-options.ts';
import { doWork } from '../work.ts';

interface TrainersOptions {
  readonly python: string;
  readonly json?: true;
}

/** What `--trainer` takes, and whether it works here. */
interface Listed {
  readonly trainer: string;
  readonly usable: boolean;
  readonly versions: Readonly<Record<string, string>>;
  /** What `--gpus` takes, and the processor. */
  readonly devices: readonly { readonly device: string; readonly name: string }[];
  /** Why it is not usable, or not on GPUs, and what mends that. */
  readonly missing?: string;
  readonly next?: string;
}

export function addTrainers(program: Command): void {
  program
    .command('trainers')
    .description('What can train networks here, with versions and devices, and what is missing')
    .option('--python <path>', 'the Python to look for PyTorch in', DEFAULT_PYTHON)
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExamples:\n  $ nas trainers\n  $ nas trainers --python /usr/bin/python3 --json')
    .action(({ python, json }: TrainersOptions) =>
      doWork(async ({ signal }) => {
        const trainers = [embedded(), await pytorch(python, signal)];
        if (json) printJson(trainers);
        else print(describe(trainers));
      }),
    );
}

function embedded(): Listed {
  const versions: Record<string, string> = { node: process.versions.node };
  try {
    versions.multiplyAdd = machineRounding();
  } catch (thrown) {
    return { trainer: 'embedded', usable: false, versions, devices: [], ...whatIsMissing(thrown) };
  }
  const device = { device: 'cpu', name: `${availableParallelism()} threads of ${process.arch}` };
  return { trainer: 'embedded', usable: true, versions, devices: [device] };
}

async function pytorch(python: string, signal: AbortSignal): Promise<Listed> {
  try {
    const worker = await startTrainingWorker({ python, device: 'cpu', signal });
    await worker.kill();
    const { python: version, torch, cuda, deviceName, gpus } = worker.hello;
    const noCuda = { missing: `no GPUs: torch ${torch} is built without CUDA`, next: 'pip install torch' };
    const noDriver = { missing: 'no GPUs: torch finds none', next: 'nvidia-smi tells whether a driver does' };
    return {
      trainer: 'pytorch',
      usable: true,
      versions: { python: version, torch, ...(cuda === null ? {} : { cuda }) },
      devices: [
        { device: 'cpu', name: `${availableParallelism()} threads of ${deviceName}` },
        ...gpus.map(({ index, name, memoryBytes }) => ({
          device: `cuda:${index}`,
          name: `${name}, ${formatCount(memoryBytes)}B`,
        })),
      ],
      ...(gpus.length > 0 ? {} : cuda === null ? noCuda : noDriver),
    };
  } catch (thrown) {
    return { trainer: 'pytorch', usable: false, versions: {}, devices: [], ...whatIsMissing(thrown) };
  }
}

function whatIsMissing(thrown: unknown): Pick<Listed, 'missing' | 'next'> {
  if (!(thrown instanceof NasError)) throw thrown;
  return { missing: thrown.found, ...(thrown.next === undefined ? {} : { next: thrown.next }) };
}

function describe(trainers: readonly Listed[]): string {
  const table = textTable(trainers, [
    { title: 'trainer', cell: ({ trainer }) => trainer },
    { title: 'usable', cell: ({ usable }) => (usable ? 'yes' : 'no') },
    {
      title: 'versions',
      cell: ({ versions }) =>
        Object.entries(versions)
          .map(([name, version]) => `${name} ${version}`)
          .join(', ') || '-',
    },
    {
      title: 'devices',
      cell: ({ devices }) => devices.map(({ device, name }) => `${device} (${name})`).join(', ') || '-',
    },
  ]);
  const missing = trainers.flatMap(({ trainer, missing: what, next }) =>
    what === undefined ? [] : [`${trainer}: ${what}${next === undefined ? '' : `\n  ${next}`}`],
  );
  return [table, ...(missing.length === 0 ? [] : ['', ...missing])].join('\n');
}
