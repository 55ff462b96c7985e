import { Command } from 'commander';
import { VERSION } from './version.ts';

type AddCommand = (program: Command) => void;

/**
 * The commands in the order of the help. Each is loaded when it is asked for: together they bring half of what is
 * installed with them, which takes a second.
 */
const COMMANDS: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ['search', async () => (await import('./commands/search.ts')).addSearch],
  ['profile', async () => (await import('./commands/profile.ts')).addProfile],
  ['devices', async () => (await import('./commands/devices.ts')).addDevices],
  ['estimate', async () => (await import('./commands/estimate.ts')).addEstimate],
  ['measure', async () => (await import('./commands/measure.ts')).addMeasure],
  ['explain', async () => (await import('./commands/explain/index.ts')).addExplain],
  ['pareto', async () => (await import('./commands/pareto.ts')).addPareto],
  ['runs', async () => (await import('./commands/runs/index.ts')).addRuns],
  ['ui', async () => (await import('./commands/ui.ts')).addUi],
  ['report', async () => (await import('./commands/report.ts')).addReport],
  ['show', async () => (await import('./commands/show.ts')).addShow],
  ['cost', async () => (await import('./commands/cost.ts')).addCost],
  ['networks', async () => (await import('./commands/networks.ts')).addNetworks],
  ['spaces', async () => (await import('./commands/spaces/index.ts')).addSpaces],
  ['tables', async () => (await import('./commands/tables/index.ts')).addTables],
  ['bench', async () => (await import('./commands/bench/index.ts')).addBench],
  ['train', async () => (await import('./commands/train.ts')).addTrain],
  ['adapt', async () => (await import('./commands/adapt.ts')).addAdapt],
  ['trainings', async () => (await import('./commands/trainings.ts')).addTrainings],
  ['export', async () => (await import('./commands/export.ts')).addExport],
  ['verify', async () => (await import('./commands/verify.ts')).addVerify],
  ['supernet', async () => (await import('./commands/supernet/index.ts')).addSupernet],
  ['worker', async () => (await import('./commands/worker.ts')).addWorker],
  ['workers', async () => (await import('./commands/workers.ts')).addWorkers],
  ['trainers', async () => (await import('./commands/trainers.ts')).addTrainers],
  ['runner', async () => (await import('./commands/runner.ts')).addRunner],
]);

/** The command line for some arguments: with the command that they name, or with all where they name none. */
export async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('nas')
    .description("Finds the neural network that is most accurate within a phone's latency budget.")
    .version(VERSION)
    .showSuggestionAfterError()
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText('after', '\nExample:\n  $ nas search --target 15ms');
  const named = COMMANDS.get(args.find((arg) => !arg.startsWith('-')) ?? '');
  const isVersion = args[0] === '--version' || args[0] === '-V';
  const needed = named !== undefined ? [named] : isVersion ? [] : COMMANDS.values();
  for (const load of needed) (await load())(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
