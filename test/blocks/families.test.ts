import { describe, expect, test } from 'vitest';
import type { Place } from '../../src/blocks/block.ts';
import { graphCost } from '../../src/graph/cost.ts';
import { printOp } from '../../src/graph/fusion.ts';
import type { Op, Shape } from '../../src/graph/op.ts';
import { graphOf, place, type Source } from './lower.ts';

const INPUT: Shape = [14, 14, 16];
const opsOf = (source: Source, at: Partial<Place> = {}, shape = INPUT): readonly Op[] =>
  graphOf(source, place(at), shape).nodes.map(({ op }) => op);
const kindsOf = (...of: Parameters<typeof opsOf>): readonly string[] => opsOf(...of).map(({ kind }) => kind);
const count = (kind: Op['kind'], ...of: Parameters<typeof opsOf>): number =>
  kindsOf(...of).filter((found) => found === kind).length;

describe('skip', () => {
  const convolution = { type: 'convolution', kernel: 3, activation: 'relu' };

  test.each([
    ['identity', 16, 1, []],
    ['identity', 24, 1, undefined],
    ['identity', 16, 2, undefined],
    ['pool', 16, 1, ['average-pool k3x3 s1x1 same']],
    ['pool', 16, 2, ['average-pool k3x3 s2x2 same']],
    ['pool', 24, 2, undefined],
    ['none', 16, 1, undefined],
  ])('%s to %d channels at stride %d', (skip, channels, stride, pools) => {
    const ops = opsOf({ ...convolution, skip }, { channels, stride });
    expect(ops.some(({ kind }) => kind === 'add')).toBe(pools !== undefined);
    expect(ops.filter(({ kind }) => kind === 'pool').map(printOp)).toEqual(pools ?? []);
  });

  test('there is none where an unpadded convolution makes the output smaller', () => {
    for (const skip of ['identity', 'pool']) {
      expect(count('add', { ...convolution, padding: 'valid', skip }, { channels: 16 })).toBe(0);
    }
  });

  test('at stride 2 a single pixel is not its own shortcut', () => {
    const at = { channels: 16, stride: 2 };
    expect(count('add', { ...convolution, skip: 'identity' }, at, [1, 1, 16])).toBe(0);
  });
});

describe('inverted-residual', () => {
  const block = { type: 'inverted-residual', kernel: 3, expansion: 1, activation: 'relu' };

  test('an expansion of 1 has no expansion layer unless asked for', () => {
    expect(count('convolution', block)).toBe(2);
    expect(count('convolution', { ...block, expandAlways: true })).toBe(3);
    expect(count('convolution', { ...block, expansion: 6 })).toBe(3);
  });

  test('groups divide both pointwise convolutions and shuffle between them', () => {
    const ops = opsOf({ ...block, expansion: 3, groups: 2 });
    expect(ops.flatMap((op) => (op.kind === 'convolution' ? [op.groups] : []))).toEqual([2, 48, 2]);
    expect(ops.flatMap((op) => (op.kind === 'channel-shuffle' ? [op.groups] : []))).toEqual([2]);
  });
});

describe('pool', () => {
  test('`ceil` starts a window wherever a pixel is left for it', () => {
    for (const kernel of [2, 3]) {
      for (const stride of [1, 2]) {
        for (let pixels = kernel; pixels <= 20; pixels++) {
          const source = { type: 'pool', function: 'max', kernel, padding: 'ceil' };
          const at = place({ channels: 4, stride });
          const [height, width] = graphOf(source, at, [pixels, pixels, 4]).nodes.at(-1)!.shape;
          const expected = Math.ceil((pixels - kernel) / stride) + 1;
          expect([kernel, stride, pixels, height, width]).toEqual([
            kernel,
            stride,
            pixels,
            expected,
            expected,
          ]);
        }
      }
    }
  });

  test('what it cannot do is an error', () => {
    const ceil = { type: 'pool', function: 'max', kernel: 3, padding: 'ceil' };
    expect(() => opsOf(ceil, { channels: 24 })).toThrow(
      'pool: 24 channels out; expected 16, as in its input',
    );
    expect(() => opsOf(ceil, { channels: 16, stride: 2 }, [14, 15, 16])).toThrow(
      "pool: padding 'ceil' at stride 2 on 14x15 pixels; expected both sizes even or both odd",
    );
  });
});

test('an identity is nothing where the shape stays', () => {
  expect(kindsOf({ type: 'identity' }, { channels: 16 })).toEqual(['input']);
  expect(kindsOf({ type: 'identity' }, { channels: 16, stride: 2 })).toEqual([
    'input',
    'convolution',
    'batch-norm',
  ]);
});

test('a classifier pools only where there is something to pool', () => {
  expect(kindsOf({ type: 'classifier' })).toEqual(['input', 'global-average-pool', 'linear']);
  expect(kindsOf({ type: 'classifier' }, {}, [1, 1, 16])).toEqual(['input', 'linear']);
});

test('a fully connected layer costs what a linear one over all pixels costs', () => {
  const source = { type: 'fully-connected', activation: 'relu' };
  const weights = 14 * 14 * 16 * 24;
  expect(graphCost(graphOf(source))).toEqual({ macs: weights, params: weights + 24 });
});

describe('shufflenet-v1', () => {
  const block = { type: 'shufflenet-v1', groups: 2 };

  test('adds the input where the shape stays and else makes only the channels that the input lacks', () => {
    expect(count('add', block, { channels: 16 })).toBe(1);
    const ops = opsOf(block, { channels: 24, stride: 2 });
    expect(ops.filter(({ kind }) => kind === 'pool').map(printOp)).toEqual(['average-pool k3x3 s2x2 same']);
    expect(ops.findLast(({ kind }) => kind === 'convolution')).toMatchObject({ channels: 8, groups: 2 });
  });

  test('shuffles between its group convolutions, and not after one without groups', () => {
    expect(count('channel-shuffle', block)).toBe(1);
    expect(count('channel-shuffle', { ...block, reduceGroups: 1 })).toBe(0);
  });
});

test('shufflenet-v2 splits the channels only where the shape stays, and in two', () => {
  const block = { type: 'shufflenet-v2' };
  expect(count('channel-split', block, { channels: 16 })).toBe(2);
  expect(count('channel-split', block, { channels: 16, stride: 2 })).toBe(0);
  expect(() => opsOf(block, { channels: 25 })).toThrow(
    'shufflenet-v2: 25 channels out; expected an even number',
  );
});

test('a ghost module leaves out the last channel of an odd number', () => {
  const graph = graphOf({ type: 'ghost-module' }, place({ channels: 25 }));
  expect(graph.nodes.at(-1)).toMatchObject({ op: { kind: 'channel-split', offset: 0 }, shape: [14, 14, 25] });
});

test('squeezenext projects its shortcut where the shape changes or where told to', () => {
  const block = { type: 'squeezenext' };
  expect(count('convolution', block, { channels: 16 })).toBe(5);
  expect(count('convolution', block, { channels: 24 })).toBe(6);
  expect(count('convolution', { ...block, projectAlways: true }, { channels: 16 })).toBe(6);
});

describe('eesp', () => {
  const block = { type: 'eesp', receptiveFieldLimit: 7 };
  const depthwise = (...of: Parameters<typeof opsOf>): readonly (readonly number[])[] =>
    opsOf(...of).flatMap((op) =>
      op.kind === 'convolution' && op.kernel[0] === 3 ? [[op.dilation[0], op.channels, op.stride[0]]] : [],
    );

  test.each([
    [13, [1, 2, 3, 4]],
    [9, [1, 2, 3, 4]],
    [7, [1, 1, 2, 3]],
    [5, [1, 1, 1, 2]],
    [3, [1, 1, 1, 1]],
  ])('within %d pixels its branches have the dilations %j', (receptiveFieldLimit, expected) => {
    const found = depthwise({ ...block, receptiveFieldLimit }, { channels: 32 });
    expect(found.map(([dilation]) => dilation)).toEqual(expected);
  });

  test('adds the input where the shape stays and else makes only the channels that the input lacks', () => {
    expect(count('add', block, { channels: 16 })).toBe(3 + 1);
    expect(count('add', block, { channels: 32 })).toBe(3);
    expect(depthwise(block, { channels: 48, stride: 2 })).toEqual([1, 1, 2, 3].map((d) => [d, 8, 2]));
    expect(count('pool', block, { channels: 48, stride: 2 })).toBe(1);
  });

  test('of M channels it makes N with M·N/K² + 9·N + N²/K weights', () => {
    const ops = opsOf(block, { channels: 32, stride: 2 }, [14, 14, 16]);
    expect(ops.flatMap((op) => (op.kind === 'convolution' ? [op.groups] : []))).toEqual([4, 4, 4, 4, 4, 4]);
    const { params } = graphCost(graphOf(block, place({ channels: 32, stride: 2 })));
    const batchNormAndPrelu = 3 * 4 + 3 * 16 + 2 * 16 + 32;
    expect(params).toBe((16 * 4) / 4 + 9 * 16 + 16 ** 2 / 4 + batchNormAndPrelu);
  });

  test('refuses channels that its branches cannot share', () => {
    expect(() => opsOf(block, { channels: 26 })).toThrow(
      'eesp: 10 channels to make; expected a multiple of its 4 branches',
    );
  });
});
