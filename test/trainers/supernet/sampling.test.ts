import { expect, test } from 'vitest';
import { checkGenotype } from '../../../src/space/check-genotype.ts';
import { parseSpace } from '../../../src/space/search-space.ts';
import { createPathSampler } from '../../../src/trainers/supernet/sampling.ts';
import { TOY_SPACE } from './toy-space.ts';

const space = parseSpace(TOY_SPACE, 'toy');

test('the options of a decision that always is are trained equally often', () => {
  const pathAt = createPathSampler(space, 'a');
  const counts = new Map<string, number>();
  const always = space.decisions.flatMap(({ places }, index) =>
    places.some(({ conditions }) => conditions.length === 0) ? [index] : [],
  );
  expect(always.length).toBeGreaterThan(3);
  for (let step = 0; step < 60; step++) {
    const genotype = pathAt(step);
    checkGenotype(space.decisions, genotype, 'path');
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
  const [all, one] = [createPathSampler(space, 'a'), createPathSampler(space, 'a')];
  const networks = Array.from({ length: 40 }, (_, step) => all(step));
  expect(one(33)).toEqual(networks[33]);
  expect(new Set(networks.map(String)).size).toBeGreaterThan(30);
  expect(createPathSampler(space, 'b')(33)).not.toEqual(networks[33]);
});
