import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { costOfParts, createPartBuilder } from '../../src/space/parts.ts';
import { shipped } from './shipped.ts';

const FILE = new URL('../../../shared/data/nas-bench-macro.json', import.meta.url);

test('all 6,561 networks of nas-bench-macro cost what the benchmark says', (context) => {
  if (!existsSync(FILE)) context.skip('no ../shared/data beside the checkout');
  const { flops_m: megaMacs, params_m: megaParams } = JSON.parse(readFileSync(FILE, 'utf8'));
  const { parts } = createPartBuilder(shipped('nas-bench-macro'));
  const wrong = Array.from({ length: 3 ** 8 }, (_, index) => index).filter((index) => {
    const genotype = [...index.toString(3).padStart(8, '0')].map(Number);
    const { macs, params } = costOfParts(parts(genotype));
    return macs !== Math.round(1e6 * megaMacs[index]) || params !== Math.round(1e6 * megaParams[index]);
  });
  expect(wrong).toEqual([]);
});
