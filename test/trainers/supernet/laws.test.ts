import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRng } from '../../../src/base/rng.ts';
import { buildGraph } from '../../../src/space/network.ts';
import { proxyBuildOptions } from '../../../src/space/proxy.ts';
import { sampleGenotype } from '../../../src/space/sample.ts';
import { parameterSpecs } from '../../../src/trainers/embedded/parameters.ts';
import {
  type SupernetLayout,
  sharedParameters,
  supernetLayout,
} from '../../../src/trainers/supernet/layout.ts';
import { gather, scatter, sliceOf } from '../../../src/trainers/supernet/slice.ts';
import { SPACES } from '../../space/shipped.ts';

const seeds = fc.string({ minLength: 1, maxLength: 8 });

/** Tells every float of a supernet apart. */
function numbered(layout: SupernetLayout): Float32Array {
  expect(layout.floats).toBeLessThan(2 ** 24);
  return Float32Array.from({ length: layout.floats }, (_, index) => index + 1);
}

describe.each(SPACES.map((space) => [space.name, space] as const))('the supernet of %s', (_name, space) => {
  const build = { ...proxyBuildOptions(space.proxy!), classes: 10 };
  const layout = supernetLayout(space, build);
  const slicesOf = (seed: string) => {
    const architecture = space.decode(sampleGenotype(space.decisions, createRng(seed)));
    const graph = buildGraph(architecture, build);
    return sharedParameters(layout, architecture, graph, parameterSpecs(graph));
  };
  const holds = (law: (slices: ReturnType<typeof slicesOf>, seed: string) => void): void =>
    fc.assert(
      fc.property(seeds, (seed) => law(slicesOf(seed), seed)),
      { numRuns: 6, seed: 1 },
    );

  test('has a place of its own for every learnt parameter of a network', () => {
    holds((slices) => {
      expect(new Set(slices.map(({ shared }) => shared.name)).size).toBe(slices.length);
      for (const { shared, own } of slices) {
        expect(shared.role).toBe(own.role);
        expect(shared.dimensions).toHaveLength(own.dimensions.length);
      }
    });
  });

  test('a slice is the first channels and the centre of the kernel, element for element', () => {
    const supernet = numbered(layout);
    holds((slices) => {
      for (const { shared, own } of slices) {
        const memory = new Float32Array(own.floats);
        gather(sliceOf(shared, own), supernet, memory);
        const size = own.dimensions.reduce((product, length) => product * length, 1);
        for (let index = 0; index < size; index++) {
          let [rest, place, stride] = [index, 0, 1];
          for (let axis = own.dimensions.length - 1; axis >= 0; axis--) {
            const [length, all] = [own.dimensions[axis]!, shared.dimensions[axis]!];
            const first = own.dimensions.length === 4 && axis < 2 ? Math.floor((all - length) / 2) : 0;
            place += ((rest % length) + first) * stride;
            stride *= all;
            rest = Math.floor(rest / length);
          }
          if (memory[own.placeOf(index)] !== shared.offset + place + 1) {
            expect([shared.name, index, memory[own.placeOf(index)]]).toEqual([
              ...[shared.name, index, shared.offset + place + 1],
            ]);
          }
        }
        // Padding stays 0.
        expect(memory.filter((value) => value !== 0)).toHaveLength(size);
      }
    });
  });

  test('putting back what was taken changes nothing; what is put back is what is taken next, and nothing else', () => {
    const before = numbered(layout);
    holds((slices, seed) => {
      const supernet = before.slice();
      const rng = createRng(seed);
      for (const { shared, own } of slices) {
        const slice = sliceOf(shared, own);
        const memory = new Float32Array(own.floats);
        gather(slice, supernet, memory);
        scatter(slice, supernet, memory);
      }
      expect(Buffer.compare(bytes(supernet), bytes(before))).toBe(0);
      let put = 0;
      for (const { shared, own } of slices) {
        const slice = sliceOf(shared, own);
        const memory = new Float32Array(own.floats).fill(-1 - rng.integer(1000));
        scatter(slice, supernet, memory);
        const taken = new Float32Array(own.floats);
        gather(slice, supernet, taken);
        const size = own.dimensions.reduce((product, length) => product * length, 1);
        put += size;
        for (let index = 0; index < size; index++) {
          if (taken[own.placeOf(index)] !== memory[own.placeOf(index)]) expect(shared.name).toBe('kept');
        }
      }
      let changed = 0;
      for (let i = 0; i < supernet.length; i++) if (supernet[i] !== before[i]) changed++;
      expect(changed).toBe(put);
    });
  });
});

function bytes(floats: Float32Array): Uint8Array {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}
