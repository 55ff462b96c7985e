import { open } from 'node:fs/promises';
import { buildGraph } from '../../space/network.ts';
import { parameterSpecs } from '../embedded/parameters.ts';
import { sharedParameters } from './layout.ts';
import type { SupernetStart } from './start.ts';

/**
 * Writes the networks of `count` steps for a trainer outside of this process: on the first line where each shared
 * parameter lies, `{name: {offset, dimensions}}`; then on a line each step's `graph`, and as `shared` the name of the
 * shared parameter of which each of its learnt ones, `<node>.<role>`, is a slice. Which slice, its dimensions tell.
 */
export async function writePaths(
  path: string,
  { space, layout, build, pathAt }: Pick<SupernetStart, 'space' | 'layout' | 'build' | 'pathAt'>,
  first: number,
  count: number,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    const places = [...layout.parameters].map(
      ([name, { offset, dimensions }]) => [name, { offset, dimensions }] as const,
    );
    await file.write(`${JSON.stringify(Object.fromEntries(places))}\n`);
    for (let step = first; step < first + count; step++) {
      const architecture = space.decode(pathAt(step));
      const graph = buildGraph(architecture, build);
      const shared = sharedParameters(layout, architecture, graph, parameterSpecs(graph)).map(
        ({ shared, own }) => [`${own.node}.${own.role}`, shared.name] as const,
      );
      await file.write(`${JSON.stringify({ graph, shared: Object.fromEntries(shared) })}\n`);
    }
  } finally {
    await file.close();
  }
}
