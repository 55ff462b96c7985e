import { expect, test } from 'vitest';
import { createRests, type RoundPace } from '../../../src/devices/measuring/rest.ts';

const usual: RoundPace = { usualShare: 0.5, elapsedMs: 1_000 };
const slow: RoundPace = { usualShare: 0, elapsedMs: 1_000 };

/** Rests after `rounds` slow rounds in a row. */
async function restsOf(rounds: number, isHot: boolean): Promise<number[]> {
  const restFor = createRests();
  const rests: number[] = [];
  for (let i = 0; i < rounds; i++) rests.push(await restFor(slow, async () => isHot));
  return rests;
}

test('no rest at the usual pace, nor for a short slow spell', async () => {
  const restFor = createRests();
  const cool = async () => false;
  for (const round of [usual, slow, usual, slow, usual, usual]) expect(await restFor(round, cool)).toBe(0);
});

test('a slow spell is waited out, longer each time, and from the start in the next spell', async () => {
  const restFor = createRests();
  const cool = async () => false;
  const rests = [];
  for (const round of [slow, slow, slow, slow, usual, slow, slow]) rests.push(await restFor(round, cool));
  expect(rests).toEqual([0, 2_000, 0, 4_000, 0, 0, 2_000]);
});

test('a core that stays slow is not waited for again and again, unless the device is hot', async () => {
  const total = async (isHot: boolean) => (await restsOf(1_000, isHot)).reduce((sum, ms) => sum + ms, 0);
  expect(await total(false)).toBe(30_000);
  expect(await total(true)).toBe(606_000);
});
