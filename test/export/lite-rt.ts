import { loadLiteRt } from '../../src/devices/runtimes/litert/load-litert.ts';
import type { RunModel } from '../../src/export/tflite/int8/calibrate.ts';

/** LiteRT in this process. */
export async function liteRtRuns(): Promise<RunModel> {
  const liteRt = await loadLiteRt();
  return async function* run(file, images) {
    const compiled = await liteRt.loadAndCompile(file, { accelerator: 'wasm' });
    try {
      const [details] = compiled.getInputDetails();
      for (const image of images) {
        const tensor = new liteRt.Tensor(image, details!.shape);
        const results = await compiled.run([tensor]);
        // A copy: LiteRT's memory grows and moves.
        const values = Float32Array.from(results[0]!.toTypedArray());
        for (const used of [tensor, ...results]) used.delete();
        yield values;
      }
    } finally {
      compiled.delete();
    }
  };
}

/** Images of a batch, one by one. */
export function* imagesOf(input: Float32Array, images: number): Generator<Float32Array> {
  const size = input.length / images;
  for (let image = 0; image < images; image++) yield input.slice(image * size, (image + 1) * size);
}
