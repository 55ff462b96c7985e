import type { Source } from './lower.ts';

/** Examples of every family, as space files write them. A new family adds its own. */
export const EXAMPLES: Readonly<Record<string, readonly Source[]>> = {
  convolution: [
    { type: 'convolution', kernel: 3, activation: 'relu' },
    { type: 'convolution', kernel: 7, activation: 'prelu', padding: 'valid', batchNorm: false },
    {
      type: 'convolution',
      kernel: 5,
      activation: 'linear',
      squeezeExcitation: { ratio: 0.25, divisor: 4 },
      skip: 'identity',
    },
  ],
  'depthwise-separable': [
    { type: 'depthwise-separable', kernel: 5, activation: 'relu6' },
    {
      type: 'depthwise-separable',
      kernel: 3,
      activation: 'relu',
      pointwiseActivation: 'linear',
      squeezeExcitation: { ratio: 0.25 },
      skip: 'pool',
    },
    { type: 'depthwise-separable', kernel: 3, groups: 4, activation: 'prelu' },
  ],
  'inverted-residual': [
    { type: 'inverted-residual', kernel: 3, expansion: 6, activation: 'relu6' },
    { type: 'inverted-residual', kernel: 7, expansion: 1, activation: 'swish', skip: 'none' },
    { type: 'inverted-residual', kernel: 5, expansion: 3, groups: 2, activation: 'relu', skip: 'pool' },
    { type: 'inverted-residual', kernel: 3, expansion: 1, groups: 4, expandAlways: true, activation: 'relu' },
    {
      type: 'inverted-residual',
      kernel: 5,
      expansion: 2.3,
      squeezeExcitation: { ratio: 0.25, of: 'input', divisor: 1, activation: 'swish', gate: 'sigmoid' },
      activation: 'hswish',
    },
  ],
  'ghost-module': [{ type: 'ghost-module' }, { type: 'ghost-module', kernel: 3, activation: 'linear' }],
  'ghost-bottleneck': [
    { type: 'ghost-bottleneck', kernel: 3, expansion: 1 },
    { type: 'ghost-bottleneck', kernel: 5, expansion: 2.3, squeezeExcitation: { ratio: 0.25, divisor: 4 } },
  ],
  'shufflenet-v1': [
    { type: 'shufflenet-v1', groups: 1 },
    { type: 'shufflenet-v1', groups: 4, reduceGroups: 1 },
    { type: 'shufflenet-v1', kernel: 5, groups: 2, activation: 'hswish' },
  ],
  'shufflenet-v2': [{ type: 'shufflenet-v2' }, { type: 'shufflenet-v2', kernel: 7, activation: 'swish' }],
  eesp: [
    { type: 'eesp', receptiveFieldLimit: 9 },
    { type: 'eesp', branches: 2, receptiveFieldLimit: 3, activation: 'relu' },
  ],
  fire: [
    { type: 'fire' },
    { type: 'fire', squeezeRatio: 0.5, expand3x3Ratio: 0.75, activation: 'relu6', batchNorm: true },
  ],
  squeezenext: [
    { type: 'squeezenext' },
    { type: 'squeezenext', kernel: 5, projectAlways: true },
    { type: 'squeezenext', projectFirst: true },
  ],
  pool: [
    { type: 'pool', function: 'max', kernel: 3 },
    { type: 'pool', function: 'average', kernel: 2, padding: 'valid' },
    { type: 'pool', function: 'max', kernel: 3, padding: 'ceil' },
  ],
  identity: [{ type: 'identity' }, { type: 'identity', activation: 'relu' }],
  'fully-connected': [{ type: 'fully-connected', activation: 'relu' }],
  classifier: [
    { type: 'classifier' },
    { type: 'classifier', hidden: { channels: 40, activation: 'hswish', width: 'never-narrower' } },
  ],
  'convolution-classifier': [{ type: 'convolution-classifier' }],
};
