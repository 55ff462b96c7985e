import type { BuildOptions } from '../../../src/space/network.ts';

/** A space for the toy images: widths, kernels, depths, two families and a shortcut that is not always there. */
export const TOY_SPACE = {
  name: 'toy',
  family: 'test',
  paper: 'none',
  resolution: 8,
  classes: 4,
  stages: [
    {
      block: { type: 'convolution', kernel: { choose: [3, 5] }, activation: 'hswish' },
      channels: { choose: [6, 10] },
    },
    {
      block: {
        choose: [
          {
            type: 'inverted-residual',
            kernel: { choose: [3, 5, 7] },
            expansion: { choose: [2, 3] },
            squeezeExcitation: { choose: [null, { ratio: 0.25, divisor: 1 }] },
            activation: 'relu',
          },
          { type: 'depthwise-separable', kernel: { choose: [3, 5] }, activation: 'relu' },
        ],
      },
      channels: { choose: [6, 10, 13] },
      stride: 2,
      repeat: { choose: [1, 2, 3] },
    },
    { block: { type: 'classifier' } },
  ],
};

export const TOY_BUILD: BuildOptions = { divisor: 1 };
