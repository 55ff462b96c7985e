import type { GraphNode } from '../../graph/graph.ts';
import type { Shape } from '../../graph/op.ts';
import type { ParameterRole } from '../../trainers/embedded/parameters.ts';
import { imagePadding, isEven } from '../image-padding.ts';
import { BATCH_NORM_EPSILON } from '../trained-network.ts';
import { pythonCall, pythonExtent } from './python.ts';

/** What PyTorch's modules call the parameters of a trainer. */
export const PYTORCH_ROLE: Readonly<Record<ParameterRole, string>> = {
  weight: 'weight',
  bias: 'bias',
  scale: 'weight',
  shift: 'bias',
  slope: 'weight',
  'running-mean': 'running_mean',
  'running-variance': 'running_var',
};

/** The constructor of the module that holds an op's parameters; undefined for an op without any. */
export function moduleOf({ op, shape }: GraphNode, input: Shape): string | undefined {
  switch (op.kind) {
    case 'convolution': {
      const padding = imagePadding(op, input);
      const inside = isEven(padding) ? pythonExtent([padding.top, padding.left]) : '0';
      return pythonCall('nn.Conv2d', [
        ...[String(input[2]), String(op.channels), pythonExtent(op.kernel)],
        unless('1', 'stride', pythonExtent(op.stride)),
        unless('0', 'padding', inside),
        unless('1', 'dilation', pythonExtent(op.dilation)),
        unless('1', 'groups', String(op.groups)),
        op.bias ? undefined : 'bias=False',
      ]);
    }
    case 'linear':
      return pythonCall('nn.Linear', [
        ...[String(input[2]), String(op.channels)],
        op.bias ? undefined : 'bias=False',
      ]);
    case 'batch-norm':
      return pythonCall('nn.BatchNorm2d', [
        String(shape[2]),
        unless(String(1e-5), 'eps', String(BATCH_NORM_EPSILON)),
      ]);
    case 'activation':
      return op.function === 'prelu' ? `nn.PReLU(${shape[2]})` : undefined;
    default:
      return undefined;
  }
}

function unless(usual: string, name: string, value: string): string | undefined {
  return value === usual ? undefined : `${name}=${value}`;
}
