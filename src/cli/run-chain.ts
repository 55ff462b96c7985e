import { join } from 'node:path';
import { systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import { formatDuration, formatMs } from '../base/units.ts';
import { type Card, cardMarkdown } from '../report/card.ts';
import type { VerificationReport } from '../report/verification-report.ts';
import type { Store } from '../store/store.ts';
import {
  cardReferences,
  cardTraining,
  type MeasuredReference,
  measureReferences,
} from './card-references.ts';
import type { Chain } from './chain-config.ts';
import type { DeviceOptions } from './device-options.ts';
import { exportTo, networkOfWeights, writeWhole } from './exported-files.ts';
import { DATABASE } from './folders.ts';
import { adaptNetwork } from './run-adaptation.ts';
import type { RunConfig } from './run-config.ts';
import { trainInFull } from './run-training.ts';
import { verifyNetwork } from './run-verification.ts';
import { adaptationReportOf } from './stored-adaptations.ts';
import { storedTrainings } from './stored-trainings.ts';
import type { TrainerOptions } from './trainer-options.ts';
import { VERSION } from './version.ts';
import type { Work } from './work.ts';

/** The network of a search with which its chain goes on. */
export interface ChainStart {
  readonly trial: number;
  /** Of the proxy. */
  readonly accuracy: number;
}

export interface ChainParts {
  readonly run: string;
  readonly config: RunConfig;
  readonly chain: Chain;
  /** Chosen anew in each session, and kept from the first that gets so far. */
  readonly start: ChainStart;
  readonly device: DeviceOptions;
  readonly workers: number | undefined;
  readonly takeOver: boolean;
  readonly store: Store;
}

/** What is stored of a stage that has ended. */
interface Ended<Outcome> {
  readonly outcome: Outcome;
  readonly seconds: number;
}

/**
 * What follows a search: the network is adapted, trained in full, exported and verified on the device, as far as was
 * asked. Each stage is stored when it has ended, and goes on where it was when it is killed; so the same call in another
 * process does what is left. The card and the files are written anew each time.
 */
export async function runChain(parts: ChainParts, work: Work): Promise<Card> {
  const { run, config, chain, store, device } = parts;
  const [targetMs = 0] = config.targetsMs;
  const stages = stagesOf(parts, work);
  const { trial, accuracy } = stages.once('network', () => parts.start);
  const found = `${run}/${trial}`;

  const adaptation =
    chain.adapt === undefined
      ? undefined
      : await stages.go('adapt', `${found} to ${formatMs(targetMs)}`, async () => {
          const { adaptation } = await adaptNetwork(
            found,
            adaptOptionsOf(parts, chain.adapt),
            'either',
            work,
          );
          return { adaptation };
        });
  const adapted = adaptation && adaptationReportOf(adaptation.adaptation);
  const network = adaptation?.adaptation ?? found;

  const training =
    chain.train === undefined
      ? undefined
      : await stages.go('train', `${network}, ${chain.recipe.epochs} epochs`, async () => {
          const isWarm = chain.train?.from === 'adapted' && adapted !== undefined;
          const options = {
            ...trainingOf(parts),
            ...trainerOptionsOf(config),
            ...(isWarm ? { weights: adapted.weights } : {}),
          };
          const { id } = await trainInFull(network, options, 'either', work);
          return { training: id };
        });
  const weights = training === undefined ? adapted?.weights : storedTraining(training.training).best.weights;
  if (weights === undefined) throw new RangeError('a chain trains or adapts');

  const folder = chain.folder ?? join('runs', `${run}-export`);
  stages.begin('export', folder);
  const isInt8 = device.dtype === 'int8';
  const files = exportTo(folder, networkOfWeights(network, weights), ['tflite', 'onnx', 'pytorch']);
  const model = files.find(({ path }) => path.endsWith('.tflite'))?.path ?? '';

  const verification = await stages.go('verify', `${model} on ${device.device}`, () =>
    verifyNetwork(
      network,
      {
        ...device,
        ...{ target: `${targetMs}ms`, weights },
        ...(isInt8 ? { output: model.replace(/\.tflite$/, '-int8.tflite') } : { model }),
      },
      work,
    ),
  );
  const references = await stages.go('compare', 'reference networks beside it', () =>
    measureReferences(verification.deployed.macs, device, work),
  );
  const card: Card = {
    ...{ run, found, proxyAccuracy: accuracy, network, dataset: config.dataset },
    adaptation:
      adapted === undefined
        ? null
        : {
            id: adapted.adaptation,
            steps: adapted.steps.length,
            latencyMs: [adapted.before.latencyMs, adapted.after.latencyMs],
            accuracy: [adapted.before.accuracy, adapted.after.accuracy],
          },
    training: training === undefined ? null : cardTraining(storedTraining(training.training)),
    ...{ verification, files, references: cardReferences(references, config.dataset) },
    seconds: { search: store.run(run).seconds, ...stages.seconds() },
    ...{ codeVersion: VERSION, madeAt: systemClock.timestamp() },
  };
  writeWhole(join(folder, 'card.json'), `${JSON.stringify(card, null, 2)}\n`);
  writeWhole(join(folder, 'card.md'), cardMarkdown(card));
  work.progress.line(`card     ${join(folder, 'card.json')} and card.md`);
  return card;
}

interface StageOutcomes {
  readonly network: ChainStart;
  readonly adapt: { readonly adaptation: string };
  readonly train: { readonly training: string };
  readonly verify: VerificationReport;
  readonly compare: readonly MeasuredReference[];
}
type StageName = keyof StageOutcomes;

/** The stages of a chain, of which the store knows those that have ended. */
function stagesOf({ run, chain, store }: ChainParts, { progress, nowMs }: Work) {
  const names = [
    ...(chain.adapt === undefined ? [] : ['adapt']),
    ...(chain.train === undefined ? [] : ['train']),
    ...['export', 'verify', 'compare'],
  ];
  // Our own documents, as they were stored.
  const stored = new Map(store.stages(run)) as Map<string, Ended<unknown>>;
  const title = (name: string): string => `stage ${names.indexOf(name) + 1}/${names.length}`;
  const save = (name: string, ended: Ended<unknown>): void => {
    store.saveStage(run, name, ended, systemClock.timestamp());
    stored.set(name, ended);
  };
  return {
    begin(name: string, what: string): void {
      progress.line(`${title(name)} ${name}: ${what}`);
    },
    /** Something that takes no time and is decided once. */
    once<Name extends StageName>(name: Name, decide: () => StageOutcomes[Name]): StageOutcomes[Name] {
      if (!stored.has(name)) save(name, { outcome: decide(), seconds: 0 });
      return stored.get(name)?.outcome as StageOutcomes[Name];
    },
    async go<Name extends StageName>(
      name: Name,
      what: string,
      work: () => Promise<StageOutcomes[Name]>,
    ): Promise<StageOutcomes[Name]> {
      const before = stored.get(name);
      if (before !== undefined) {
        progress.line(`${title(name)} ${name}: ${what}, done before in ${formatDuration(before.seconds)}`);
        return before.outcome as StageOutcomes[Name];
      }
      progress.line(`${title(name)} ${name}: ${what}`);
      const startMs = nowMs();
      const outcome = await work();
      save(name, { outcome, seconds: (nowMs() - startMs) / 1000 });
      return outcome;
    },
    /** Of the stages that take some, in the session that ended them. */
    seconds: (): Readonly<Record<string, number>> =>
      Object.fromEntries(
        names.flatMap((name) => {
          const ended = stored.get(name);
          return ended === undefined ? [] : [[name, ended.seconds]];
        }),
      ),
  };
}

/** What a full training and the one before an adaptation have in common. */
function trainingOf({ config: { dataset, seed }, chain: { recipe, resolution, strides } }: ChainParts) {
  return {
    ...{ dataset, recipe, width: 1, seed },
    ...(resolution === undefined ? {} : { resolution }),
    ...(strides === undefined ? {} : { strides }),
  };
}

function adaptOptionsOf(parts: ChainParts, adapt: Chain['adapt']) {
  if (adapt === undefined) throw new RangeError('a chain that does not adapt');
  const { config, device, workers, takeOver } = parts;
  const [targetMs = 0] = config.targetsMs;
  return {
    ...device,
    ...trainingOf(parts),
    target: `${targetMs}ms`,
    ...{ tuneEpochs: 1, tuneImages: adapt.tuneImages, step: adapt.step, decay: 0.96 },
    ...({ rule: 'mobilenet-v3', criterion: 'l2' } as const),
    ...trainerOptionsOf(config),
    ...(workers === undefined ? {} : { workers }),
    ...(takeOver ? { takeOver } : {}),
  };
}

/** What trained the search's networks trains on; in the place of a supernet the trainer that it is made with. */
function trainerOptionsOf({ trainer }: RunConfig): TrainerOptions {
  if (trainer.name !== 'pytorch') return { trainer: 'embedded' };
  const { gpus, python, compile } = trainer;
  return {
    ...{ trainer: 'pytorch', python },
    ...(gpus.length === 0 ? {} : { gpus }),
    ...(compile ? { compile } : {}),
  };
}

function storedTraining(id: string) {
  const found = storedTrainings().find((training) => training.id === id);
  if (found !== undefined) return found;
  throw new NasError(DATABASE, { found: `no training ${id}`, expected: 'the one that the chain has made' });
}
