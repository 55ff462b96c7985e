import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { EXPORT_FORMATS } from '../../src/export/index.ts';
import { trainedNetwork } from '../../src/export/trained-network.ts';
import { transpose } from '../../src/export/transpose.ts';
import { decodeSafetensors } from '../../src/trainers/safetensors.ts';
import { toyNetwork } from '../trainers/toy-network.ts';
import { exampleOf } from './some-network.ts';

const graph = toyNetwork();
const { weights, network } = exampleOf('toy', graph, 1);

test('axes change places', () => {
  expect([...transpose(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3], [1, 0])]).toEqual([1, 4, 2, 5, 3, 6]);
  const values = Float32Array.from({ length: 24 }, (_, i) => i);
  const turned = transpose(values, [2, 3, 4], [2, 0, 1]);
  // [c, a, b] of the result is [a, b, c] of the values.
  expect(turned[(3 * 2 + 1) * 3 + 2]).toBe((1 * 3 + 2) * 4 + 3);
  expect([...transpose(turned, [4, 2, 3], [1, 2, 0])]).toEqual([...values]);
});

test('weights of another network are refused by the first tensor that is wrong', () => {
  const refusal = (tensors: typeof weights.tensors): string => {
    try {
      trainedNetwork('toy', graph, { tensors }, 'w.safetensors');
    } catch (error) {
      if (error instanceof NasError) return error.message;
    }
    return 'none';
  };
  const without = new Map([...weights.tensors].filter(([name]) => name !== '1.weight'));
  expect(refusal(without)).toBe(
    'w.safetensors: no tensor 1.weight; expected float32 of shape [3, 3, 3, 10] for convolution of toy',
  );
  const other = exampleOf('wider', toyNetwork(12), 1).weights.tensors;
  expect(refusal(other)).toContain('1.weight of shape [3, 3, 3, 12]');
  expect(refusal(new Map([...weights.tensors, ['99.bias', weights.tensors.get('2.scale')!]]))).toContain(
    'a tensor 99.bias',
  );
  expect(
    refusal(new Map([...weights.tensors, ['1.weight.velocity', weights.tensors.get('1.weight')!]])),
  ).toBe('none');
});

test('json holds the graph, and beside it the weights as they were', () => {
  const [document, file] = EXPORT_FORMATS.json.write(network, 'net');
  const parsed = JSON.parse(document!.content as string);
  expect(parsed.weights).toBe(`net${file!.suffix}`);
  expect(parsed.output).toBe(graph.output);
  expect(parsed.nodes).toHaveLength(graph.nodes.length);
  for (const [id, node] of graph.nodes.entries()) expect(parsed.nodes[id]).toMatchObject({ id, ...node });
  const read = decodeSafetensors(file!.content as Uint8Array, 'net');
  expect(new Map([...read.tensors].sort())).toEqual(new Map([...weights.tensors].sort()));
  const named = parsed.nodes.flatMap((node: { parameters: Record<string, { tensor: string }> }) =>
    Object.values(node.parameters).map(({ tensor }) => tensor),
  );
  expect(new Set(named)).toEqual(new Set(weights.tensors.keys()));
});
