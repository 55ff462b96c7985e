import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addMeasuredTables } from './measured-tables.ts';
import { nas, temporaryProject, tinySpace } from './nas.ts';

const { proxy, stages, ...head } = tinySpace;

/** Wide enough to be narrowed, and deployed as it is trained: on 32x32 images of two classes. */
const space = {
  ...head,
  ...{ name: 'chained', resolution: 32, classes: 2 },
  proxy: { ...proxy, dropEarlyStrides: 0 },
  stages: [
    { ...stages[0], channels: 16 },
    {
      block: { type: 'inverted-residual', kernel: { choose: [3, 5] }, expansion: 3, activation: 'hswish' },
      channels: { choose: [16, 24, 32] },
      repeat: { choose: [1, 2, 3] },
    },
    stages[2],
  ],
};

/** A folder with such a space, pictures, and a recipe of three epochs. */
export async function chainProject(): Promise<string> {
  const folder = await temporaryProject();
  writeFileSync(join(folder, 'space.json'), JSON.stringify(space));
  writeFileSync(join(folder, 'recipe.json'), JSON.stringify({ ...proxy.recipe, epochs: 3 }));
  await addMeasuredTables(folder);
  return folder;
}

export const SEARCH = [
  ...['search', '--runtime', 'litert', '--space', 'space.json', '--dataset', 'folder:pictures'],
  // The one network that the seed draws, which is the widest of the space.
  ...['--trials', '1', '--batch', '1', '--strategy', 'random'],
];
export const CHAIN = [
  '--adapt',
  '--train',
  '--export',
  'out',
  '--recipe',
  'recipe.json',
  '--adapt-step',
  '0.2',
];

/** Something to cut: a little below the network that a search finds. */
export async function targetIn(folder: string): Promise<string> {
  const { stdout } = await nas([...SEARCH, '--target', '1s', '--json'], folder);
  return `${JSON.parse(stdout).best.latencyMs / 1.2}ms`;
}
