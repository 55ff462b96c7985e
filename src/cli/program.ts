import { Command } from 'commander';
import { addCost } from './commands/cost.ts';
import { addDevices } from './commands/devices.ts';
import { addEstimate } from './commands/estimate.ts';
import { addExplain } from './commands/explain.ts';
import { addMeasure } from './commands/measure.ts';
import { addNetworks } from './commands/networks.ts';
import { addPareto } from './commands/pareto.ts';
import { addProfile } from './commands/profile.ts';
import { addRunner } from './commands/runner.ts';
import { addRuns } from './commands/runs.ts';
import { addSearch } from './commands/search.ts';
import { addShow } from './commands/show.ts';
import { addSpaces } from './commands/spaces/index.ts';
import { addTables } from './commands/tables/index.ts';
import { VERSION } from './version.ts';

/** The command line: each command adds itself. */
export function createProgram(): Command {
  const program = new Command('nas')
    .description("Finds the neural network that is most accurate within a phone's latency budget.")
    .version(VERSION)
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', '\nExample:\n  $ nas search --target 15ms');
  for (const add of [
    addSearch,
    addProfile,
    addDevices,
    addEstimate,
    addMeasure,
    addExplain,
    addPareto,
    addRuns,
    addShow,
    addCost,
    addNetworks,
    addSpaces,
    addTables,
    addRunner,
  ])
    add(program);
  for (const command of program.commands) command.exitOverride();
  return program;
}
