import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

/** Packages that the table at the end of ARCHITECTURE.md has a reason for, with whether they are development's alone. */
function listed(): ReadonlyMap<string, boolean> {
  const [, table = ''] = read('ARCHITECTURE.md').split('## Dependencies\n');
  const rows = [...table.matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)].slice(1);
  return new Map(
    rows.flatMap(([, names = '']) => {
      const isDevelopment = names.includes(' (development)');
      return names
        .replace(' (development)', '')
        .split(', ')
        .map((name) => [name, isDevelopment] as const);
    }),
  );
}

test('every dependency has its reason in ARCHITECTURE.md, and no other package has', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'devDependencies',
    Record<string, string>
  >;
  const wanted = [
    ...Object.keys(dependencies).map((name) => `${name} true`),
    ...Object.keys(devDependencies)
      .filter((name) => !name.startsWith('@types/'))
      .map((name) => `${name} development`),
  ];
  const found = [...listed()]
    .filter(([name]) => !name.startsWith('@types/'))
    .map(([name, isDevelopment]) => `${name} ${isDevelopment ? 'development' : 'true'}`);
  expect(found.sort()).toEqual(wanted.sort());
});
