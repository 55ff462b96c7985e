import { expect, test } from 'vitest';
import { openDevice } from '../../../src/devices/open-device.ts';
import { EXPORT_FORMATS } from '../../../src/export/index.ts';
import { disagreement, exampleOf } from '../../export/some-network.ts';
import { TINY_NETWORKS } from '../../trainers/embedded/tiny-networks.ts';

const [[name, graph]] = Object.entries(TINY_NETWORKS) as [[string, (typeof TINY_NETWORKS)[string]]];
const IMAGES = 37;

const open = () =>
  openDevice({
    ...{ name: 'local', runtime: 'litert', dtype: 'float32', threads: 1 },
    ...{ cache: 'unused', nasVersion: 'test' },
  });

test('the device runs an exported file on images, in their order, as the trainer computes it', async () => {
  const { network, input, output } = exampleOf(name, graph!, IMAGES);
  const model = EXPORT_FORMATS.tflite.write(network, 'network')[0]!.content as Uint8Array;
  const size = input.length / IMAGES;
  const images = Array.from({ length: IMAGES }, (_, i) => input.slice(i * size, (i + 1) * size));
  const device = await open();
  try {
    const found: number[] = [];
    for await (const values of device.runModel!({ name: 'file', graph: network.graph, model }, images)) {
      found.push(...values);
    }
    expect(disagreement(found, output)).toBeLessThan(1e-4);
    // The same file, timed.
    expect(device.takesModels).toBe(true);
    for await (const { name: measured, medianMs } of device.measureNetworks([
      { name: 'timed', graph: network.graph, model },
    ])) {
      expect(measured).toBe('timed');
      expect(medianMs).toBeGreaterThan(0);
    }
  } finally {
    await device.close();
  }
});

test('what is no model, and inputs of another size, are refused in words; the runner goes on', async () => {
  const { network, input, output } = exampleOf(name, graph!, 1);
  const model = EXPORT_FORMATS.tflite.write(network, 'network')[0]!.content as Uint8Array;
  const device = await open();
  const first = async (content: Uint8Array, image: Float32Array) => {
    const named = { name: 'file', graph: network.graph, model: content };
    for await (const values of device.runModel!(named, [image])) return values;
    return undefined;
  };
  try {
    await expect(first(new TextEncoder().encode('no model'), input)).rejects.toThrow(
      'a file that LiteRT does not load',
    );
    await expect(first(model, input.slice(1))).rejects.toThrow('for each image');
    expect(await first(model, input)).toHaveLength(output.length);
  } finally {
    await device.close();
  }
});
