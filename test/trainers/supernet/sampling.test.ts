import { expect, test } from 'vitest';
import { checkGenotype } from '../../../src/space/check-genotype.ts';
import { parseSpace } from '../../../src/space/search-space.ts';
import { anchorOf } from '../../../src/trainers/supernet/anchor.ts';
import { createPathSampler } from '../../../src/trainers/supernet/sampling.ts';
import { TOY_BUILD, TOY_SPACE } from './toy-space.ts';

const space = parseSpace(TOY_SPACE, 'toy');
const anchor = anchorOf(space, TOY_BUILD);
const STEPS = 600;
const sampler = (seed: string) => createPathSampler(space, { steps: STEPS, anchor, seed });

test('the anchor takes what costs most, and the middle of a long scale', () => {
  const { stages } = space.decode(anchor);
  // Widths and depths of the toy space are no scales, so the largest it is.
  expect(stages.map(({ channels, repeat }) => [channels, repeat])).toEqual([
    [10, 1],
    [13, 3],
    [undefined, 1],
  ]);
  expect(stages[1]?.block).toMatchObject({ type: 'inverted-residual', kernel: 7, expansion: 3 });
  const ordinal = structuredClone(TOY_SPACE) as { stages: { repeat?: object; channels?: object }[] };
  Object.assign(ordinal.stages[1] ?? {}, {
    repeat: { choose: [1, 2, 3], ordinal: true },
    channels: { choose: [6, 13], ordinal: true },
  });
  const scaled = parseSpace(ordinal, 'scaled');
  expect(scaled.decode(anchorOf(scaled, TOY_BUILD)).stages[1]).toMatchObject({ repeat: 2, channels: 13 });
});

test('the first steps train the anchor, then networks depart from it ever more', () => {
  const pathAt = sampler('a');
  const departures = (from: number, to: number): number => {
    let count = 0;
    for (let step = from; step < to; step++) {
      const genotype = pathAt(step);
      checkGenotype(space.decisions, genotype, 'path');
      count += Number(String(genotype) !== String(anchor));
    }
    return count / (to - from);
  };
  expect(departures(0, 90)).toBe(0);
  expect(departures(91, 150)).toBeGreaterThan(0);
  expect(departures(150, 250)).toBeGreaterThan(departures(91, 150));
  expect(departures(360, STEPS)).toBeGreaterThan(0.95);
});

test('in the end the options of a decision that always is are trained equally often', () => {
  const pathAt = sampler('a');
  const counts = new Map<string, number>();
  const always = space.decisions.flatMap(({ places }, index) =>
    places.some(({ conditions }) => conditions.length === 0) ? [index] : [],
  );
  expect(always.length).toBeGreaterThan(3);
  for (let step = STEPS - 60; step < STEPS; step++) {
    const genotype = pathAt(step);
    for (const index of always) {
      const key = `${index}: ${genotype[index]}`;
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  for (const index of always) {
    const { options } = space.decisions[index]!;
    for (const option of options.keys()) expect(counts.get(`${index}: ${option}`)).toBe(60 / options.length);
  }
});

test('the network of a step does not depend on those asked for before', () => {
  const [all, one] = [sampler('a'), sampler('a')];
  const networks = Array.from({ length: STEPS }, (_, step) => all(step));
  expect(one(433)).toEqual(networks[433]);
  expect(new Set(networks.slice(-40).map(String)).size).toBeGreaterThan(30);
  expect(sampler('b')(433)).not.toEqual(networks[433]);
});
