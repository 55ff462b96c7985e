import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { createRng } from '../../../base/rng.ts';
import { formatDuration } from '../../../base/units.ts';
import { proxyTraining } from '../../../flows/candidate.ts';
import type { ProxyCheck } from '../../../flows/proxy-check.ts';
import { checkSupernet, type SupernetCheck } from '../../../flows/supernet-check.ts';
import { bar, secondsLeft } from '../../../report/progress.ts';
import { supernetCheckLine, supernetCheckLines } from '../../../report/supernet-note.ts';
import { sampleGenotype } from '../../../space/sample.ts';
import { openStore } from '../../../store/sqlite.ts';
import { createEmbeddedTrainer } from '../../../trainers/embedded/embedded.ts';
import { createSupernetTrainer } from '../../../trainers/supernet/supernet.ts';
import { DATABASE } from '../../folders.ts';
import { positiveInteger } from '../../option-values.ts';
import { print, printJson } from '../../output.ts';
import { prepareDataset } from '../../prepare.ts';
import { findProxyCheck } from '../../proxy-checks.ts';
import { readSpace, requireProxy } from '../../space-files.ts';
import { requireSupernet, saveSupernet, supernetBuild } from '../../supernets.ts';
import { doWork } from '../../work.ts';

const KNOWN = `Networks that nas spaces check has trained for as long are not trained again.
`;

export function addCheck(supernet: Command): void {
  supernet
    .command('check')
    .description('Tell whether the supernet ranks random networks as trainings of each on its own do')
    .argument('<space>', 'name or file')
    .option('--networks <count>', 'random networks to train', positiveInteger, 12)
    .option('--longer <factor>', "epochs of a training for each of the proxy's recipe", positiveInteger, 4)
    .option('--dataset <name>', 'cifar10, folder:PATH, shards:PATH or idx:PATH', 'cifar10')
    .option('--seed <text>', 'that the supernet was trained with; draws the networks too', '1')
    .option('--workers <count>', 'networks to train at once (default: one a core)', positiveInteger)
    .option('--json', 'print one JSON document')
    .addHelpText('after', `\n${KNOWN}\nExample:\n  $ nas supernet check mobile`)
    .action(checkSupernetOf);
}

/** What networks came to that the check of the proxy has trained for as long, by their genotypes. */
function trainedAccuracies(check: ProxyCheck | undefined, longerBy: number): ReadonlyMap<string, number> {
  const points = check?.longerBy === longerBy ? check.points : [];
  return new Map(points.map(({ genotype, longAccuracy }) => [String(genotype), longAccuracy]));
}

interface CheckOptions {
  readonly networks: number;
  readonly longer: number;
  readonly dataset: string;
  readonly seed: string;
  readonly workers?: number;
  readonly json?: true;
}

async function checkSupernetOf(nameOrFile: string, options: CheckOptions): Promise<void> {
  const { space, source } = readSpace(nameOrFile);
  const proxy = requireProxy(space);
  const { longer, seed, workers = availableParallelism() } = options;
  await doWork(async (work) => {
    const dataset = await prepareDataset(options.dataset, proxy, seed, work);
    const store = openStore(DATABASE);
    try {
      const { record, file } = requireSupernet(store, space, dataset, {
        ...{ space: nameOrFile, dataset: options.dataset, seed },
      });
      // The networks that nas spaces check draws.
      const rng = createRng(`${seed}/networks`);
      const trainedBefore = trainedAccuracies(findProxyCheck(store, space, options.dataset), longer);
      const candidates = Array.from({ length: options.networks }, () => {
        const genotype = sampleGenotype(space.decisions, rng);
        const trainedAccuracy = trainedBefore.get(String(genotype));
        return { genotype, trainedAccuracy, ...proxyTraining(space, proxy, genotype, dataset) };
      });
      const waiting = candidates.filter(({ trainedAccuracy }) => trainedAccuracy === undefined);
      const known = candidates.length - waiting.length;
      if (known > 0) {
        work.progress.line(`check    ${known} of ${candidates.length} networks trained by nas spaces check`);
      }
      const build = supernetBuild(proxy, dataset);
      const supernet = createSupernetTrainer({ dataset, workers, space: source, build, weights: file });
      const trainer = createEmbeddedTrainer({ dataset, workers });
      let check: SupernetCheck;
      try {
        const allMacs = waiting.reduce((sum, { macs }) => sum + macs, 0) * longer;
        const startMs = work.nowMs();
        let doneMacs = 0;
        const events = checkSupernet(candidates, longer, seed, { supernet, trainer }, work.signal);
        for (;;) {
          const { done, value } = await events.next();
          if (done) {
            check = value;
            break;
          }
          doneMacs += value.macs;
          const elapsed = (work.nowMs() - startMs) / 1000;
          const left = formatDuration(secondsLeft(doneMacs / allMacs, elapsed) ?? 0);
          const status = `${value.done}/${value.total} trainings, ${formatDuration(elapsed)} gone, ${left} left`;
          work.progress.line(status);
          if (value.failure !== undefined) {
            work.progress.line(`warning  left out, failed: ${value.failure}`);
          }
          work.progress.live(`${bar(doneMacs / allMacs)} ${status}`);
        }
      } finally {
        await Promise.all([supernet.close(), trainer.close()]);
      }
      work.progress.clear();
      saveSupernet(store, space, dataset, {
        ...record,
        check: {
          ...check,
          points: check.points.map((point) => ({ ...point, genotype: [...point.genotype] })),
          interval95: [...check.interval95],
        },
      });
      if (options.json) printJson({ weights: record.weights, check });
      else print([...supernetCheckLines(check), supernetCheckLine(check)].join('\n'));
    } finally {
      store.close();
    }
  });
}
