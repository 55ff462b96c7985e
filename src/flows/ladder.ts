import { NasError } from '../base/errors.ts';
import type { ProxyTask } from '../space/proxy.ts';
import type { Recipe } from '../trainers/trainer.ts';

/** One of the trainings that a candidate goes through, from the cheapest to the full one. */
export interface LadderRung {
  readonly resolution: number;
  readonly trainImages: number;
  readonly recipe: Recipe;
  /** Where it pauses, of the recipe's epochs; at their end where left out. */
  readonly untilEpoch?: number;
  /**
   * How it goes on from the rung before: with the same training, where that saw the same images; with its weights
   * otherwise; the first one with neither.
   */
  readonly continues: 'training' | 'weights' | 'nothing';
}

/** From rung to rung about one network in this many goes on, and a training grows by as much. */
export const REDUCTION = 3;

/** Rungs before the full training, where a proxy names none: a ninth and a third of its epochs. */
const DEFAULT_SHARES = [1 / REDUCTION ** 2, 1 / REDUCTION];

/**
 * The rungs of a proxy, the full training last. Rungs with all of its images at its resolution are pauses of the full
 * training, so they cost nothing; one with other images is a training of its own, whose weights the next begins with.
 * Throws a NasError where the rungs do not rise.
 */
export function ladderOf(proxy: ProxyTask, where: string): readonly [LadderRung, ...LadderRung[]] {
  const { resolution, trainImages, recipe } = proxy;
  const named = proxy.rungs ?? defaultRungs(recipe.epochs, where);
  const trainings = named.map((rung) => ({ resolution, trainImages, ...definedFields(rung) }));
  const isPause = (rung: (typeof trainings)[number]): boolean =>
    rung.resolution === resolution && rung.trainImages === trainImages;
  trainings.forEach((rung, index) => {
    const before = trainings[index - 1];
    const place = `${where}: proxy.rungs[${index}]`;
    if (rung.resolution > resolution || rung.trainImages > trainImages) {
      throw new NasError(place, {
        found: `${rung.trainImages} images of ${rung.resolution} pixels`,
        expected: `at most the proxy's: ${trainImages} of ${resolution} pixels`,
      });
    }
    if (isPause(rung) && rung.epochs >= recipe.epochs) {
      throw new NasError(place, {
        found: `${rung.epochs} epochs`,
        expected: `fewer than the ${recipe.epochs} of the recipe, or fewer or smaller images`,
      });
    }
    if (rung.trainImages < recipe.batchSize) {
      throw new NasError(place, {
        found: `${rung.trainImages} images`,
        expected: `at least a batch of the recipe, ${recipe.batchSize}`,
      });
    }
    if (before === undefined) return;
    const shrinks = rung.resolution < before.resolution || rung.trainImages < before.trainImages;
    const alike = rung.resolution === before.resolution && rung.trainImages === before.trainImages;
    if (shrinks || (alike && rung.epochs <= before.epochs)) {
      throw new NasError(place, {
        found: 'a rung that is no dearer than the one before it',
        expected: 'more epochs, or more or larger images, from rung to rung',
      });
    }
  });
  const rungs = trainings.map((rung, index): LadderRung => {
    const before = trainings[index - 1];
    const { epochs, ...images } = rung;
    if (!isPause(rung)) {
      return {
        ...images,
        recipe: { ...recipe, epochs },
        continues: before === undefined ? 'nothing' : 'weights',
      };
    }
    const continues = before === undefined ? 'nothing' : isPause(before) ? 'training' : 'weights';
    return { ...images, recipe, untilEpoch: epochs, continues };
  });
  const last = trainings.at(-1);
  const continues = last === undefined ? 'nothing' : isPause(last) ? 'training' : 'weights';
  const full: LadderRung = { resolution, trainImages, recipe, continues };
  const [first = full, ...others] = [...rungs, full];
  return [first, ...others];
}

/** The full training alone. */
export function fullTraining({ resolution, trainImages, recipe }: ProxyTask): readonly [LadderRung] {
  return [{ resolution, trainImages, recipe, continues: 'nothing' }];
}

function defaultRungs(epochs: number, where: string): readonly { readonly epochs: number }[] {
  const pauses = DEFAULT_SHARES.map((share) => Math.ceil(share * epochs)).filter((pause) => pause < epochs);
  if (pauses.length > 0) return [...new Set(pauses)].map((pause) => ({ epochs: pause }));
  throw new NasError(where, {
    found: 'a proxy of one epoch without rungs',
    expected: 'proxy.rungs with fewer or smaller images, or more epochs, for trainings to be stopped early',
    next: 'leave --stop-early away, or add rungs to the space file',
  });
}

/** Without the fields that are undefined, so that those of a default show through. */
function definedFields<Fields extends object>(
  fields: Fields,
): { [Key in keyof Fields]: Exclude<Fields[Key], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}
