import { digestOf } from '../base/digest.ts';
import type { Trainer } from '../trainers/trainer.ts';
import type { PreparedSearch } from './search-setup.ts';
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
  { config, datasets }: Pick<PreparedSearch, 'config' | 'datasets'>,
  workers: number | undefined,
  { signal }: Pick<Work, 'signal'>,
): Promise<SearchTrainers> {
  const opened = new Map<(typeof datasets)[number], Trainer>();
  const close = async (): Promise<void> => {
    await Promise.all([...opened.values()].map((trainer) => trainer.close()));
  };
  try {
    for (const dataset of new Set(datasets)) {
      opened.set(dataset, await openTrainer(config.trainer, { dataset, workers, signal }));
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
