import type { Command } from 'commander';
import { systemClock } from '../../../base/clock.ts';
import { digestOf } from '../../../base/digest.ts';
import { createRng } from '../../../base/rng.ts';
import { formatDuration } from '../../../base/units.ts';
import { proxyTraining } from '../../../flows/candidate.ts';
import { checkProxy, type ProxyCandidate, type ProxyCheck } from '../../../flows/proxy-check.ts';
import type { TrainingJournal } from '../../../flows/train-all.ts';
import { bar, secondsLeft } from '../../../report/progress.ts';
import { proxyCheckLine, proxyCheckLines } from '../../../report/proxy-note.ts';
import { sampleGenotype } from '../../../space/sample.ts';
import { openStore } from '../../../store/sqlite.ts';
import type { Trainer } from '../../../trainers/trainer.ts';
import { CHECKS, DATABASE } from '../../folders.ts';
import { positiveInteger } from '../../option-values.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { prepareDataset } from '../../prepare.ts';
import { proxyCheckKey } from '../../proxy-checks.ts';
import { readSpace, requireProxy } from '../../space-files.ts';
import {
  addParallelTrainingOptions,
  addTrainerOptions,
  openTrainer,
  type ParallelTrainingOptions,
  requireTrainer,
  trainerConfigOf,
} from '../../trainer-options.ts';
import { openTrainingJournal, type TrainingJournalFile } from '../../training-journal.ts';
import { doWork, type Work } from '../../work.ts';

export function addCheck(spaces: Command): void {
  const check = spaces
    .command('check')
    .description(
      'Train random networks of a space short and long, and tell whether the proxy ranks them alike',
    )
    .argument('<space>', 'name or file')
    .option('--networks <count>', 'random networks to train', positiveInteger, 12)
    .option('--longer <factor>', 'epochs of the long training for each of the short one', positiveInteger, 4)
    .option('--dataset <name>', 'cifar10, folder:PATH, shards:PATH or idx:PATH', 'cifar10')
    .option('--seed <text>', 'draws the networks', '1');
  addParallelTrainingOptions(addTrainerOptions(check))
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nAfter an interruption the same command goes on where it stopped.\n\nExample:\n  $ nas spaces check mobile',
    )
    .action((space: string, options: CheckOptions, command: Command) =>
      checkSpace(space, { ...options, json: wantsJson(command) }),
    );
}

interface CheckOptions extends ParallelTrainingOptions {
  readonly networks: number;
  readonly longer: number;
  readonly dataset: string;
  readonly seed: string;
  readonly json: boolean;
}

async function checkSpace(nameOrFile: string, options: CheckOptions): Promise<void> {
  const { space } = readSpace(nameOrFile);
  const proxy = requireProxy(space);
  const config = trainerConfigOf(options);
  await doWork(async (work) => {
    await requireTrainer(config, work);
    const dataset = await prepareDataset(options.dataset, proxy, options.seed, work);
    const rng = createRng(`${options.seed}/networks`);
    const candidates = Array.from({ length: options.networks }, () => {
      const genotype = sampleGenotype(space.decisions, rng);
      return { genotype, ...proxyTraining(space, proxy, genotype, dataset) };
    });
    const { workers } = options;
    const trainer = await openTrainer(config, { dataset, workers, signal: work.signal });
    try {
      const log = openLog(candidates, options, trainer);
      const check = await trainAll(candidates, options, trainer, log, work);
      const key = proxyCheckKey(space, options.dataset);
      const store = openStore(DATABASE);
      store.saveProxyCheck(key, check, systemClock.timestamp());
      store.close();
      log.remove();
      if (options.json) printJson({ key, check });
      else print([...proxyCheckLines(check), proxyCheckLine(check)].join('\n'));
    } finally {
      await trainer.close();
    }
  });
}

/** What was trained when this very check was interrupted, if it was. */
function openLog(
  candidates: readonly ProxyCandidate[],
  { longer, seed }: CheckOptions,
  trainer: Trainer,
): TrainingJournalFile {
  const digest = digestOf({ candidates, longer, seed, trainer: trainer.digest });
  return openTrainingJournal(`${CHECKS}/${digest.slice(0, 16)}.trainings`, digest);
}

async function trainAll(
  candidates: readonly ProxyCandidate[],
  { longer, seed }: CheckOptions,
  trainer: Trainer,
  log: TrainingJournal,
  { progress, signal, nowMs }: Work,
): Promise<ProxyCheck> {
  const allMacs = candidates.reduce((sum, { macs }) => sum + macs, 0) * (1 + longer);
  const startMs = nowMs();
  let doneMacs = 0;
  let loggedMacs = 0;
  const events = checkProxy(candidates, longer, seed, trainer, log, signal);
  for (;;) {
    const { done, value } = await events.next();
    if (done) return value;
    doneMacs += value.macs;
    if (value.isLogged) loggedMacs += value.macs;
    const elapsed = (nowMs() - startMs) / 1000;
    const part = (doneMacs - loggedMacs) / (allMacs - loggedMacs);
    const left = formatDuration(secondsLeft(part, elapsed) ?? 0);
    const status = `${value.done}/${value.total} trainings, ${formatDuration(elapsed)} gone, ${left} left`;
    progress.line(status);
    if (value.failure !== undefined) {
      progress.line(`warning  left out, failed: ${value.failure}`);
    }
    progress.live(`${bar(doneMacs / allMacs)} ${status}`);
  }
}
