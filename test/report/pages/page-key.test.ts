import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PageKey, parsePageKey, printPageKey } from '../../../src/report/pages/page-key.ts';

const run = fc.integer({ min: 1, max: 999_999_999 }).map((number) => `r${number}`);
const key: fc.Arbitrary<PageKey> = fc.oneof(
  fc.constant<PageKey>({ page: 'runs' }),
  fc.constant<PageKey>({ page: 'tables' }),
  fc.record({
    page: fc.constantFrom(
      'run' as const,
      'decisions' as const,
      'references' as const,
      'table-of-run' as const,
    ),
    run,
    device: fc.integer({ min: 0, max: 999 }),
  }),
  fc.record({ page: fc.constant('trial' as const), run, trial: fc.integer({ min: 0, max: 999_999_999 }) }),
  fc.record({
    page: fc.constant('comparison' as const),
    runs: fc.uniqueArray(run, { minLength: 2, maxLength: 8 }),
  }),
  fc.record({ page: fc.constant('adaptation' as const), adaptation: run.map((id) => id.replace('r', 'a')) }),
  fc.record({
    page: fc.constant('table' as const),
    table: fc.stringMatching(/^[a-z0-9-]{1,20}\/[A-Za-z0-9_-]{1,20}$/),
  }),
);

test('the address of every page leads to it', () => {
  fc.assert(
    fc.property(key, (page) => {
      expect(parsePageKey(printPageKey(page))).toEqual(page);
    }),
  );
});

test.each([
  ...['', 'run', 'runs/', 'runs/1', 'runs/r0', 'runs/r01', 'runs/r1/', 'runs/R1', 'runs/r1x', 'runs/r1\n'],
  ...['runs/r1;DROP TABLE runs', "runs/r1' OR 1=1", 'runs/r1%27', 'runs/../tables', 'runs/r1/trials/-1'],
  ...['runs/r1/trials/1.5', 'runs/r1/trials/1e3', 'runs/r1/trials/', 'runs/r1/devices/', 'runs/r1/devices/x'],
  ...[
    'runs/r9999999999',
    'compare/r1',
    'compare/r1,',
    'compare/r1,,r2',
    'compare/r1,r2,r3,r4,r5,r6,r7,r8,r9',
  ],
  ...[
    'adaptations/',
    'adaptations/a0',
    'adaptations/r1',
    'tables/',
    'tables/x',
    'tables/../nas',
    'tables/x/../y',
  ],
  ...['tables/x/y.json', 'tables/x/y/z', 'tables/%2e%2e/nas', 'tables/x/..', '__proto__', 'constructor'],
])('%j is no page', (text) => {
  expect(parsePageKey(text)).toBeUndefined();
});
