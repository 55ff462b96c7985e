import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from '../../src/trainers/safetensors.ts';
import { brokenBytes } from '../fuzz/hostile.ts';

const SOME: Safetensors = {
  tensors: new Map([
    ['flips', { shape: [3], data: Uint8Array.of(0, 1, 255) }],
    ['1.weight', { shape: [2, 1, 2], data: Float32Array.of(1, -0.5, Number.NaN, 1e-45) }],
    ['indices', { shape: [2], data: Int32Array.of(-1, 70000) }],
    ['shifts', { shape: [1], data: Int8Array.of(-3) }],
    ['cutouts', { shape: [1, 1], data: Int16Array.of(-300) }],
    ['scalar', { shape: [], data: Float32Array.of(4) }],
    ['none', { shape: [0, 7], data: new Float32Array(0) }],
  ]),
  metadata: { epoch: '3', name: 'ρ' },
};

/** A file of a header, as an object or as text, and some bytes of data. */
function file(header: unknown, dataBytes = 0): Uint8Array {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = Buffer.alloc(8 + json.length + dataBytes);
  bytes.writeBigUInt64LE(BigInt(json.length));
  bytes.set(json, 8);
  return bytes;
}

const float = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('a safetensors file', () => {
  test('gives back what was put in it', () => {
    const { tensors, metadata } = decodeSafetensors(encodeSafetensors(SOME), 'x');
    expect(metadata).toEqual(SOME.metadata);
    expect(new Map([...tensors].sort())).toEqual(new Map([...SOME.tensors].sort()));
  });

  test('is laid out as the format says', () => {
    const weight = { shape: [1], data: Float32Array.of(1) };
    const bytes = Buffer.from(encodeSafetensors({ tensors: new Map([['w', weight]]), metadata: {} }));
    const header = '{"w":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
    expect(bytes.readBigUInt64LE()).toBe(56n);
    expect(bytes.subarray(8, 64).toString()).toBe(header.padEnd(56));
    expect([...bytes.subarray(64)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  test('is the same bytes in whatever order the tensors come', () => {
    const turned = { ...SOME, tensors: new Map([...SOME.tensors].reverse()) };
    expect(encodeSafetensors(turned)).toEqual(encodeSafetensors(SOME));
  });

  test.each([Buffer, Uint8Array])('may be read from the middle of a %o', (kind) => {
    const bytes = encodeSafetensors(SOME);
    const around = kind.from(new Uint8Array(bytes.length + 3));
    around.set(bytes, 3);
    const { tensors } = decodeSafetensors(around.subarray(3), 'x');
    expect(tensors.get('indices')).toEqual(SOME.tensors.get('indices'));
    expect(tensors.get('1.weight')).toEqual(SOME.tensors.get('1.weight'));
  });

  test.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'a file of 0 bytes'],
    ['a header beyond the end', file('{}').fill(255, 0, 8), 'a header of 18446744073709551615 bytes'],
    ['no JSON', file('{"w": '), 'not JSON'],
    ['a list', file('[]'), 'expected an object'],
    ['a text for a tensor', file({ w: 'F32' }), 'w: the document is "F32"'],
    ['a dtype it does not know', file({ w: { ...float(0, 4), dtype: 'BF16' } }, 4), 'dtype is "BF16"'],
    ['a shape below 0', file({ w: float(0, 4, [-1]) }, 4), 'shape[0] is -1'],
    ['a shape that is no size', file({ w: float(0, 4, [1e300]) }, 4), 'shape[0] is 1e+300'],
    ['a shape beyond the data', file({ w: float(0, 4, [2 ** 50, 2 ** 50]) }, 4), 'w is 4 bytes long'],
    ['data beyond the end', file({ w: float(0, 8) }, 4), 'w ends at byte 8 of the data'],
    ['data that end before they begin', file({ w: float(8, 4, [1]) }, 8), 'w is -4 bytes long'],
    ['tensors that overlap', file({ v: float(0, 8), w: float(4, 8) }, 8), 'w begins at byte 4'],
    ['a hole', file({ v: float(0, 4), w: float(8, 12) }, 12), 'w begins at byte 8'],
    ['more data than the header says', file({ w: float(0, 4) }, 5), '5 bytes of data'],
    ['metadata that are no texts', file({ __metadata__: { epoch: 3 } }), '__metadata__: epoch is 3'],
  ])('with %s is refused', (_, bytes, message) => {
    expect(() => decodeSafetensors(bytes, 'x')).toThrow(NasError);
    expect(() => decodeSafetensors(bytes, 'x')).toThrow(message);
  });

  test('of damaged bytes is read or refused, and nothing else', () => {
    const whole = encodeSafetensors(SOME);
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (place, byte, length) => {
        const damaged = whole.slice(0, Math.max(length, place + 1));
        damaged[place] = byte;
        try {
          decodeSafetensors(damaged, 'x');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(NasError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('of bytes that were changed, cut out and put in is read or refused, and nothing else', () => {
    fc.assert(
      fc.property(brokenBytes(encodeSafetensors(SOME)), (damaged) => {
        try {
          decodeSafetensors(damaged, 'x');
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(NasError);
        }
      }),
      { numRuns: 2000, seed: 5 },
    );
  });

  test('with many tensors in one place is refused before any is copied', () => {
    const count = 50_000;
    const entries = Array.from({ length: count }, (_, i) => [`w${i}`, float(0, 4 << 20)] as const);
    const bytes = file(Object.fromEntries(entries), 4 << 20);
    expect(() => decodeSafetensors(bytes, 'x')).toThrow('begins at byte 0 of the data; expected 4194304');
  });

  test.each(['__proto__', 'constructor', '../../w', 'a\0b', ''])(
    'with a tensor named %j keeps its name',
    (name) => {
      const bytes = file(`{${JSON.stringify(name)}: ${JSON.stringify(float(0, 4))}}`, 4);
      try {
        expect([...decodeSafetensors(bytes, 'x').tensors.keys()]).toEqual([name]);
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(NasError);
      }
      expect({}).not.toHaveProperty('dtype');
    },
  );
});
