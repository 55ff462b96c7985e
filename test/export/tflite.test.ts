import { expect, test } from 'vitest';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import { imagesOf, liteRtRuns } from './lite-rt.ts';
import { disagreement, examples, TOLERANCE } from './some-network.ts';

const run = await liteRtRuns();

test.each(examples(2).map((example) => [example.network.name, example] as const))(
  'LiteRT computes the exported %s as the trainer does',
  async (_, { network, images, input, output }) => {
    const files = EXPORT_FORMATS.tflite.write(network, 'network');
    expect(files.map(({ suffix }) => suffix)).toEqual(['.tflite']);
    const found: number[] = [];
    for await (const logits of run(files[0]!.content as Uint8Array, imagesOf(input, images))) {
      found.push(...logits);
    }
    expect(disagreement(found, output)).toBeLessThan(TOLERANCE);
  },
);
