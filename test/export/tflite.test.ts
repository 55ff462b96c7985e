import { expect, test } from 'vitest';
import { loadLiteRt } from '../../src/devices/runtimes/litert/load-litert.ts';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import { disagreement, examples } from './some-network.ts';

const liteRt = await loadLiteRt();

test.each(examples(1).map((example) => [example.network.name, example] as const))(
  'LiteRT computes the exported %s as the trainer does',
  async (name, { network, input, output }) => {
    const files = EXPORT_FORMATS.tflite.write(network, 'network');
    expect(files.map(({ suffix }) => suffix)).toEqual(['.tflite']);
    const compiled = await liteRt.loadAndCompile(files[0]!.content as Uint8Array, { accelerator: 'wasm' });
    const [details] = compiled.getInputDetails();
    expect([...details!.shape]).toEqual([1, ...network.graph.nodes[0]!.shape]);
    const tensor = new liteRt.Tensor(input, details!.shape);
    const results = await compiled.run([tensor]);
    expect(disagreement(results[0]!.toTypedArray() as Float32Array, output), name).toBeLessThan(1e-4);
    for (const used of [tensor, ...results]) used.delete();
    compiled.delete();
  },
);
