import { digestOf } from '../base/digest.ts';
import { NasError } from '../base/errors.ts';
import type { Store } from '../store/store.ts';
import type { Trainer } from '../trainers/trainer.ts';
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
  { config, datasets, space, source, proxy }: PreparedSearch,
  store: Store,
  workers: number | undefined,
  { signal }: Pick<Work, 'signal'>,
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
  try {
    for (const dataset of new Set(datasets)) {
      const supernet =
        config.trainer.name === 'supernet'
          ? {
              ...{ space: source, build: supernetBuild(proxy, dataset) },
              weights: requireSupernet(store, space, dataset, config).file,
            }
          : undefined;
      const asked = { dataset, workers, signal, ...(supernet === undefined ? {} : { supernet }) };
      opened.set(dataset, await openTrainer(config.trainer, asked));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const [first, ...others] = datasets.flatMap((dataset) => opened.get(dataset) ?? []);
  if (first === undefined) throw new RangeError('a search has a trainer');
  const digests = [...opened.values()].map(({ digest }) => digest);
  return {
    byRung: [first, ...others],
    digest: digests.length === 1 ? first.digest : digestOf(digests),
    close,
  };
}
