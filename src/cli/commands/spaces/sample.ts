import type { Command } from 'commander';
import { NasError } from '../../../base/errors.ts';
import { createRng } from '../../../base/rng.ts';
import { formatCount } from '../../../base/units.ts';
import { textTable } from '../../../report/text-table.ts';
import { excess } from '../../../space/constraints.ts';
import { costOfParts, createPartBuilder } from '../../../space/parts.ts';
import { sampleGenotype } from '../../../space/sample.ts';
import type { SearchSpace } from '../../../space/search-space.ts';
import { positiveInteger } from '../../option-values.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { readSpace } from '../../space-files.ts';

interface SampleOptions {
  readonly count: number;
  readonly seed: string;
}

export function addSample(spaces: Command): void {
  spaces
    .command('sample')
    .description('Draw random networks of a space, within its constraints')
    .argument('<space>', 'name or file')
    .option('--count <networks>', 'how many', positiveInteger, 5)
    .option('--seed <text>', 'the same seed draws the same networks', '1')
    .option('--json', 'print one JSON document, with each network as a file for nas cost')
    .addHelpText('after', '\nExample:\n  $ nas spaces sample mobile --count 10')
    .action((nameOrFile: string, { count, seed }: SampleOptions, command: Command) => {
      const { space } = readSpace(nameOrFile);
      const samples = drawSamples(space, count, seed);
      if (wantsJson(command)) {
        printJson(samples.map((sample) => ({ ...sample, network: space.decode(sample.genotype) })));
        return;
      }
      print(
        textTable(samples, [
          { title: 'MACs', align: 'right', cell: ({ macs }) => formatCount(macs) },
          { title: 'params', align: 'right', cell: ({ params }) => formatCount(params) },
          { title: 'genotype', cell: ({ genotype }) => genotype.join(' ') },
        ]),
      );
    });
}

/** How many networks in a row may break the constraints. */
const MAX_REFUSALS = 10_000;

function drawSamples(space: SearchSpace, count: number, seed: string) {
  const rng = createRng(`${seed}/samples`);
  const { parts } = createPartBuilder(space);
  return Array.from({ length: count }, () => {
    for (let refusals = 0; refusals < MAX_REFUSALS; refusals++) {
      const genotype = sampleGenotype(space.decisions, rng);
      const cost = costOfParts(parts(genotype));
      if (excess(space.constraints, cost) === 0) return { genotype, ...cost };
    }
    throw new NasError(space.where, {
      found: `${MAX_REFUSALS} random networks in a row outside its constraints`,
      expected: 'constraints that a random network can meet',
    });
  });
}
