import { ByteBuffer } from 'flatbuffers';
import { expect, test } from 'vitest';
import { normalisingNetwork } from '../../src/export/normalising-network.ts';
import { tfliteMetadata } from '../../src/export/tflite/metadata.ts';
import { buildGraph } from '../../src/space/network.ts';
import { NETWORKS } from '../space/shipped.ts';
import { exampleOf } from './some-network.ts';

const NORMALISATION = { mean: [125.3, 123, 113.9], standardDeviation: [63, 62.1, 66.7] };

/** Tables by the fields' numbers in the public schema, read as a library made of it reads them. */
function reader(bytes: Uint8Array) {
  const buffer = new ByteBuffer(bytes);
  const field = (table: number, slot: number): number => {
    const offset = buffer.__offset(table, 4 + 2 * slot);
    return offset === 0 ? 0 : table + offset;
  };
  const first = (place: number): number => buffer.__indirect(buffer.__vector(place));
  return {
    buffer,
    root: buffer.readInt32(0),
    string: (table: number, slot: number) => String(buffer.__string(field(table, slot))),
    /** The first of a vector of tables. */
    first: (table: number, slot: number) => first(field(table, slot)),
    has: (table: number, slot: number) => field(table, slot) !== 0,
    byte: (table: number, slot: number) => buffer.readInt8(field(table, slot)),
    table: (table: number, slot: number) => buffer.__indirect(field(table, slot)),
    floats(table: number, slot: number) {
      const place = field(table, slot);
      const start = buffer.__vector(place);
      return Array.from({ length: buffer.__vector_len(place) }, (_, i) => buffer.readFloat32(start + 4 * i));
    },
  };
}

/** What the libraries of TensorFlow Lite normalise by; undefined where a file does not tell. */
function normalisationIn(bytes: Uint8Array) {
  const read = reader(bytes);
  const [subgraphs, inputs, processUnits] = [3, 2, 4];
  expect(new TextDecoder().decode(bytes.slice(4, 8))).toBe('M001');
  const input = read.first(read.first(read.root, subgraphs), inputs);
  if (!read.has(input, processUnits)) return undefined;
  const unit = read.first(input, processUnits);
  expect(read.byte(unit, 0)).toBe(1);
  const options = read.table(unit, 1);
  return { mean: read.floats(options, 0), standardDeviation: read.floats(options, 1) };
}

test('metadata hold the normalisation in the form that TensorFlow Lite reads', () => {
  const small = { width: 0.25, resolution: 32, classes: 10 };
  const graph = buildGraph(NETWORKS.get('mobilenet-v1')!, small);
  const { network } = exampleOf('mobilenet-v1', graph, 1);
  expect(reader(tfliteMetadata(network)).string(reader(tfliteMetadata(network)).root, 0)).toBe(
    'mobilenet-v1',
  );
  expect(normalisationIn(tfliteMetadata(network))).toBeUndefined();
  const told = { ...network, images: { values: 'normalised', normalisation: NORMALISATION } } as const;
  expect(normalisationIn(tfliteMetadata(told))).toEqual({
    mean: NORMALISATION.mean.map(Math.fround),
    standardDeviation: NORMALISATION.standardDeviation.map(Math.fround),
  });
  expect(normalisationIn(tfliteMetadata(normalisingNetwork(network, NORMALISATION)))).toEqual({
    mean: [0, 0, 0],
    standardDeviation: [1, 1, 1],
  });
});
