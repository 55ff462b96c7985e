import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import type { Store } from '../store/store.ts';
import { type Trainer, trainerDigest } from '../trainers/trainer.ts';
import type { PreparedSearch } from './search-setup.ts';
import { requireSupernet, supernetBuild } from './supernets.ts';
import { openTrainer } from './trainer-options.ts';
import type { Work } from './work.ts';

/** The trainers of a search's rungs. */
export interface SearchTrainers {
  /** One a rung; those of the same images are the same. */
  readonly byRung: readonly [Trainer, ...Trainer[]];
  /** Of all of them. */
  readonly digest: string;
  close(): Promise<void>;
}

export async function openTrainers(
  { config, datasets, space, source, proxy, begun }: PreparedSearch,
  store: Store,
  workers: number | undefined,
  { signal, queue }: Pick<Work, 'signal' | 'queue'>,
): Promise<SearchTrainers> {
  const opened = new Map<(typeof datasets)[number], Trainer>();
  const close = async (): Promise<void> => {
    await Promise.all([...opened.values()].map((trainer) => trainer.close()));
  };
  if (config.trainer.name === 'supernet' && config.stopEarly !== undefined) {
    throw new NasError('--stop-early', {
      found: 'a search by a supernet, which trains nothing that could be stopped',
      expected: 'one of the two',
    });
  }
  const distinct = [...new Set(datasets)];
  /** Of the queue's workers: whether they train as the run did when it began. */
  const suits = (implementation: string): boolean =>
    begun === undefined ||
    begun.trainerDigest === digestOfAll(distinct.map((dataset) => trainerDigest(implementation, dataset)));
  try {
    for (const dataset of distinct) {
      const supernet =
        config.trainer.name === 'supernet'
          ? {
              ...{ space: source, build: supernetBuild(proxy, dataset) },
              weights: requireSupernet(store, space, dataset, config).file,
            }
          : undefined;
      const asked = {
        dataset,
        workers,
        signal,
        queue,
        suits,
        ...(supernet === undefined ? {} : { supernet }),
      };
      opened.set(dataset, await openTrainer(config.trainer, asked));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const [first, ...others] = datasets.flatMap((dataset) => opened.get(dataset) ?? []);
  if (first === undefined) throw new RangeError('a search has a trainer');
  return {
    byRung: [first, ...others],
    digest: digestOfAll([...opened.values()].map(({ digest }) => digest)),
    close,
  };
}

/** Of one trainer, or of one for each kind of images. */
function digestOfAll(digests: readonly string[]): string {
  const [first, ...others] = digests;
  return first !== undefined && others.length === 0 ? first : digestOf(digests);
}
