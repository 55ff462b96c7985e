import { expect, test } from 'vitest';
import { foldedNetwork } from '../../src/export/folded-network.ts';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import { inputNote, type Normalisation } from '../../src/export/normalisation.ts';
import { normalisingNetwork } from '../../src/export/normalising-network.ts';
import { imagesOf, liteRtRuns } from './lite-rt.ts';
import { disagreement, TOLERANCE, wholeExamples } from './some-network.ts';

const NORMALISATION: Normalisation = { mean: [125.3, 123, 113.9], standardDeviation: [63, 62.1, 66.7] };
const IMAGES = 2;

test('a network that normalises makes of pixels what it made of normalised images', async () => {
  const [example] = wholeExamples(IMAGES).filter(({ network }) => network.name === 'mobilenet-v3-small');
  const { network, input, output } = example!;
  const normalising = normalisingNetwork(network, NORMALISATION);
  expect(normalising.images.values).toBe('pixels');
  const pixels = Float32Array.from(input, (value, i) =>
    Math.round(value * NORMALISATION.standardDeviation[i % 3]! + NORMALISATION.mean[i % 3]!),
  );
  const [file] = EXPORT_FORMATS.tflite.write(normalising, 'network');
  const run = await liteRtRuns();
  const found: number[] = [];
  for await (const values of run(file!.content as Uint8Array, imagesOf(pixels, IMAGES)))
    found.push(...values);
  expect(disagreement(found, output)).toBeLessThan(TOLERANCE);
  for (const format of Object.values(EXPORT_FORMATS)) {
    expect(format.write(normalising, 'network').length).toBeGreaterThan(0);
  }
});

test('folding leaves the batch-norms that stand by themselves, and the names of the layers', () => {
  const whole = new Map(wholeExamples(1).map(({ network }) => [network.name, network]));
  const count = (name: string, kind: string): number =>
    foldedNetwork(whole.get(name)!).graph.nodes.filter(({ op }) => op.kind === kind).length;
  expect(count('mobilenet-v2', 'batch-norm')).toBe(0);
  expect(count('espnetv2', 'batch-norm')).toBeGreaterThan(0);
  const { graph } = whole.get('mobilenet-v2')!;
  const names = (kind: string) => (node: { op: { kind: string }; name: string }) =>
    node.op.kind === kind ? [node.name] : [];
  expect(foldedNetwork(whole.get('mobilenet-v2')!).graph.nodes.flatMap(names('convolution'))).toEqual(
    graph.nodes.flatMap(names('convolution')),
  );
});

test('every file says what its images are to be', () => {
  const [example] = wholeExamples(1).filter(({ network }) => network.name === 'squeezenet-1.1');
  const { network } = example!;
  const told = { ...network, images: { values: 'normalised', normalisation: NORMALISATION } } as const;
  expect(inputNote(told.images)).toContain('mean 125.3, 123, 113.9, deviation 63, 62.1, 66.7');
  expect(inputNote(network.images)).toContain('as in training');
  for (const [name, format] of Object.entries(EXPORT_FORMATS)) {
    const text = format
      .write(told, 'network')
      .map(({ content }) => Buffer.from(content).toString('latin1'))
      .join('');
    expect(text, name).toMatch(/125\.3,? ?\n? *123/);
  }
});
