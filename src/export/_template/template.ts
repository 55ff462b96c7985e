import { type ExportFormat, plainStem } from '../format.ts';

/**
 * Copy this folder, rename it and what it exports after the format, and add it to `src/export/index.ts`: the command,
 * its help and the tests of all formats take it from there. Add a test that runs its files in a runtime of others and
 * compares what they compute with `examples()` of `test/export/some-network.ts`.
 */
export const templateFormat: ExportFormat = {
  about: 'what reads it, in a line of the help',
  suffix: '.txt',
  layout: 'NHWC',
  stemOf: plainStem,
  write: ({ graph }) => [
    { suffix: '.txt', content: graph.nodes.map(({ name, op }) => `${name} ${op.kind}\n`).join('') },
  ],
};
