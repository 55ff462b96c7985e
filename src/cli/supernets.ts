import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import { NasError } from '../base/errors.ts';
import { parseWith } from '../base/parse.ts';
import type { DatasetFacts } from '../datasets/dataset.ts';
import type { BuildOptions } from '../space/network.ts';
import { type ProxyTask, proxyBuildOptions, proxySchema } from '../space/proxy.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Store } from '../store/store.ts';
import { WEIGHTS } from './folders.ts';

const supernetCheckSchema = z.strictObject({
  longerBy: z.number(),
  points: z.array(
    z.strictObject({
      genotype: z.array(z.number()),
      macs: z.number(),
      inheritedAccuracy: z.number(),
      trainedAccuracy: z.number(),
    }),
  ),
  // JSON has no NaN: null where all accuracies are the same.
  rankCorrelation: z.number().nullable().transform(orNaN),
  rankCorrelationAtEqualMacs: z.number().nullable().transform(orNaN),
  interval95: z.tuple([z.number().nullable().transform(orNaN), z.number().nullable().transform(orNaN)]),
  spread: z.number().nullable().transform(orNaN),
  cpuSecondsEach: z.number(),
});

const recordSchema = z.strictObject({
  /** Names, for people; the store has the digests. */
  space: z.string(),
  dataset: z.string(),
  trainer: z.enum(['embedded', 'pytorch']),
  recipe: proxySchema.shape.recipe,
  seed: z.string(),
  /** SHA-256 of the safetensors file, and its name in the folder of weights. */
  weights: z.string(),
  /** Learnt parameters that the networks share. */
  params: z.number(),
  epochLosses: z.array(z.number()),
  cpuSeconds: z.number(),
  /** How well it ranks networks, if that was measured. */
  check: supernetCheckSchema.optional(),
});

/** A trained supernet as the store keeps it. */
export type SupernetRecord = z.output<typeof recordSchema>;

function orNaN(value: number | null): number {
  return value ?? Number.NaN;
}

/** The size at which a space's networks share weights. */
export function supernetBuild(proxy: ProxyTask, { classes, train }: DatasetFacts): BuildOptions {
  return { ...proxyBuildOptions(proxy), classes: classes.length, inputChannels: train.channels };
}

export function saveSupernet(
  store: Store,
  space: SearchSpace,
  dataset: DatasetFacts,
  record: SupernetRecord,
): void {
  store.saveSupernet(space.digest, dataset.digest, record, systemClock.timestamp());
}

/** What was said when the supernet was asked for, to say how to make it. */
export interface SupernetRequest {
  /** The space's name or file. */
  readonly space: string;
  readonly dataset: string;
  readonly seed: string;
}

/**
 * The supernet of a space and of the very images of a dataset, and its file. Another split would have validation images
 * among those that it was trained on. Throws a NasError that names the command where there is none.
 */
export function requireSupernet(
  store: Store,
  space: SearchSpace,
  dataset: DatasetFacts,
  asked: SupernetRequest,
): { readonly record: SupernetRecord; readonly file: string } {
  const command = ['nas supernet train', asked.space, ...optionsOf(asked)].join(' ');
  const document = store.supernet(space.digest, dataset.digest);
  if (document === undefined) {
    throw new NasError('--trainer supernet', {
      found: `no supernet of ${space.name} on these images of ${dataset.name}`,
      expected: 'one trained before, with the same dataset and seed',
      next: command,
    });
  }
  const record = parseWith(recordSchema, document, `supernet of ${space.name}`, { next: command });
  const file = supernetFile(record);
  if (!existsSync(file)) {
    throw new NasError(file, {
      found: 'no such file',
      expected: `the supernet of ${space.name}`,
      next: command,
    });
  }
  return { record, file };
}

/** How well the supernet of a search ranks networks, if that was measured. */
export function supernetCheckOf(
  store: Store,
  space: Pick<SearchSpace, 'digest' | 'name'>,
  dataset: Pick<DatasetFacts, 'digest'>,
): SupernetRecord['check'] {
  const document = store.supernet(space.digest, dataset.digest);
  return document === undefined
    ? undefined
    : parseWith(recordSchema, document, `supernet of ${space.name}`).check;
}

function optionsOf({ dataset, seed }: SupernetRequest): readonly string[] {
  return [
    ...(dataset === 'cifar10' ? [] : ['--dataset', dataset]),
    ...(seed === '1' ? [] : ['--seed', seed]),
  ];
}

export function supernetFile({ weights }: SupernetRecord): string {
  return join(WEIGHTS, `${weights}.safetensors`);
}

/** The SHA-256 that a file of weights is named by. */
export function weightsDigest(file: string): string {
  return basename(file, '.safetensors');
}
