import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import type { Device, NamedNetwork } from '../../src/devices/device.ts';
import { measureFile, meetsTarget } from '../../src/flows/verify-file.ts';
import { GraphBuilder } from '../../src/graph/graph.ts';

const graphOf = (channels: number) => {
  const b = new GraphBuilder();
  return b.build(b.convolution(b.input([4, 4, 3]), channels, { kernel: 1 }));
};
const [graph, deployed, content] = [graphOf(2), graphOf(8), Uint8Array.of(1)];
const model = { path: 'net.tflite', int8: false, graph, content, deployed };
const never = new AbortController().signal;

/** A device that answers each network with a time given beforehand. */
function deviceOf(times: Readonly<Record<string, number>>, takesModels: boolean, dtype = 'float32') {
  const asked: NamedNetwork[] = [];
  const device = {
    takesModels,
    provenance: { device: 'phone', dtype },
    async *measureNetworks(networks: readonly NamedNetwork[]) {
      asked.push(...networks);
      for (const { name } of networks) {
        const ms = times[name];
        if (ms === undefined) continue;
        yield { name, medianMs: ms, madMs: 0.1, p10Ms: ms, p90Ms: ms, samples: 9, rejected: 0 };
      }
    },
  } as unknown as Device;
  return { device, asked };
}

test('a file of the deployed size is measured once, and is what the target is for', async () => {
  const { device, asked } = deviceOf({ file: 5 }, true);
  const latencies = await measureFile({ ...model, deployed: graphOf(2) }, device, never);
  expect(asked).toEqual([{ name: 'file', graph, model: content }]);
  expect(latencies).toMatchObject({ deployed: { medianMs: 5, ran: 'file' }, file: undefined });
  expect([meetsTarget(latencies, 5), meetsTarget(latencies, 4.9)]).toEqual([true, false]);
});

test('a file of another size is measured beside the deployed network, and both have to meet the target', async () => {
  const { device } = deviceOf({ file: 5, deployed: 8 }, false);
  const latencies = await measureFile(model, device, never);
  expect(latencies).toMatchObject({
    deployed: { medianMs: 8, ran: 'graph' },
    file: { medianMs: 5, ran: 'graph' },
  });
  expect([8, 7.9, 4].map((targetMs) => meetsTarget(latencies, targetMs))).toEqual([true, false, false]);
});

test('a device that does not answer is named', async () => {
  const { device } = deviceOf({ file: 5 }, true);
  const measured = measureFile(model, device, never);
  await expect(measured).rejects.toThrow(NasError);
  await expect(measured).rejects.toThrow('phone: no answer to the deployed network');
});

test.each([
  [true, 'float32', 'net.tflite: integers of 8 bits; expected a file of float32', 'add --dtype int8'],
  [false, 'int8', 'net.tflite: no integers of 8 bits; expected a file of int8', 'leave --dtype int8 away'],
])('a device of graphs is given no file of int8 %j where it runs %s', async (int8, dtype, found, next) => {
  const { device, asked } = deviceOf({ file: 5, deployed: 8 }, false, dtype);
  const measured = measureFile({ ...model, int8 }, device, never);
  await expect(measured).rejects.toThrow(found);
  await expect(measured).rejects.toMatchObject({ next });
  expect(asked).toEqual([]);
  const { device: ofFiles } = deviceOf({ file: 5, deployed: 8 }, true, dtype);
  expect(await measureFile({ ...model, int8 }, ofFiles, never)).toMatchObject({ file: { ran: 'file' } });
});
