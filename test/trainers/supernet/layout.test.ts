import { describe, expect, test } from 'vitest';
import { parseSpace } from '../../../src/space/search-space.ts';
import { supernetLayout } from '../../../src/trainers/supernet/layout.ts';
import { TOY_BUILD, TOY_SPACE } from './toy-space.ts';

const layout = supernetLayout(parseSpace(TOY_SPACE, 'toy'), TOY_BUILD);
const dimensions = (name: string) => layout.parameters.get(name)?.dimensions;

describe('the layout of a supernet', () => {
  test('is as long along each axis as the longest network', () => {
    expect(dimensions('stages.0.0.convolution.convolution.weight')).toEqual([5, 5, 3, 10]);
    expect(dimensions('stages.1.0.inverted-residual.expand.convolution.weight')).toEqual([1, 1, 10, 30]);
    expect(dimensions('stages.1.0.inverted-residual.depthwise.convolution of all.weight')).toEqual([
      7, 7, 1, 30,
    ]);
    expect(dimensions('stages.1.0.inverted-residual.project.convolution.weight')).toEqual([1, 1, 30, 13]);
    expect(dimensions('stages.2.0.classifier.linear.weight')).toEqual([13, 4]);
    expect(dimensions('stages.2.0.classifier.linear.bias')).toEqual([4]);
  });

  test('keeps layers and block families apart, and goes as deep as the deepest network', () => {
    expect(dimensions('stages.1.2.inverted-residual.expand.convolution.weight')).toEqual([1, 1, 13, 39]);
    expect(dimensions('stages.1.3.inverted-residual.expand.convolution.weight')).toBeUndefined();
    expect(dimensions('stages.1.0.depthwise-separable.depthwise.convolution of all.weight')).toEqual([
      5, 5, 1, 10,
    ]);
    expect(dimensions('stages.1.2.depthwise-separable.depthwise.convolution of all.weight')).toEqual([
      5, 5, 1, 13,
    ]);
  });

  test('lays parameters out one after the other', () => {
    let offset = 0;
    for (const parameter of layout.parameters.values()) {
      expect(parameter.offset).toBe(offset);
      offset += parameter.dimensions.reduce((product, size) => product * size, 1);
    }
    expect(layout.floats).toBe(offset);
  });

  test('starts at 0 only the scales that every network starts at 0', () => {
    const startOf = (name: string) => layout.parameters.get(name)?.start;
    // The first layer has a stride, so nothing is added to it; the second always has a shortcut.
    expect(startOf('stages.1.0.inverted-residual.project.batch-norm.scale')?.zeroScale).toBe(false);
    expect(startOf('stages.1.1.inverted-residual.project.batch-norm.scale')?.zeroScale).toBe(true);
    expect(startOf('stages.2.0.classifier.linear.weight')?.deviation).toBe(0.01);
    const squeezed = 'stages.1.0.inverted-residual.squeeze-excitation.linear.weight';
    expect(startOf(squeezed)?.deviation).toBeCloseTo(Math.sqrt(1 / 30), 12);
    const depthwise = 'stages.1.0.inverted-residual.depthwise.convolution of all.weight';
    expect(startOf(depthwise)?.deviation).toBeCloseTo(Math.sqrt(2 / 49), 12);
  });

  test('gives convolutions of another number of groups weights of their own', () => {
    const grouped = structuredClone(TOY_SPACE) as { stages: { block: object; channels?: number }[] };
    grouped.stages[0] = { block: { type: 'convolution', kernel: 3, activation: 'relu' }, channels: 8 };
    grouped.stages[1] = {
      block: { type: 'shufflenet-v1', groups: { choose: [1, 2, 4] } },
      channels: 16,
    };
    const names = [...supernetLayout(parseSpace(grouped, 'grouped'), TOY_BUILD).parameters.keys()];
    for (const convolution of ['convolution', 'convolution of 2', 'convolution of 4']) {
      expect(names).toContain(`stages.1.0.shufflenet-v1.reduce.${convolution}.weight`);
    }
  });
});
