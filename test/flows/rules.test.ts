import { describe, expect, test } from 'vitest';
import { examineRule, RULES } from '../../src/flows/rules.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { distinctKernels, fuse } from '../../src/graph/fusion.ts';
import { someKernel, someTable } from '../latency/some-table.ts';

describe.each(RULES.map((rule) => [rule.name, rule] as const))('%s', (_, rule) => {
  const { variants } = rule;
  const kernels = distinctKernels(variants.map(({ graph }) => graph));

  test('compares layers of equal multiply-accumulates', () => {
    const macs = variants.map(({ graph }) => graphCost(graph).macs);
    expect(Math.max(...macs) / Math.min(...macs)).toBeLessThan(1.05);
  });

  test('is examined by time a multiply-accumulate, against the first', () => {
    const table = someTable(kernels.map(({ signature }) => someKernel(signature, 0.1)));
    const findings = examineRule(rule, table);
    expect(findings[0]?.relative).toBe(1);
    findings.forEach(({ ms, macs, relative }, i) => {
      expect(ms).toBeCloseTo(0.1 * fuse(variants[i]!.graph).length, 9);
      expect(relative).toBeCloseTo(ms / macs / (findings[0]!.ms / findings[0]!.macs), 9);
    });
  });
});
