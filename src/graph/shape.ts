import { NasError } from '../base/errors.ts';
import { type Op, type Shape, type Window, windowAlongAxis } from './op.ts';

/** Of a tensor, along one axis: a thousand times what networks have, and far below where products lose their units. */
const LARGEST_AXIS = 2 ** 24;

/** The shape an operation gives for the shapes of its inputs; throws where they do not fit, or a tensor is beyond reason. */
export function inferShape(op: Op, inputs: readonly Shape[], where: string): Shape {
  const shape = shapeOf(op, inputs, where);
  if (shape.every((size) => size <= LARGEST_AXIS)) return shape;
  throw new NasError(where, {
    found: `${op.kind} makes a tensor of ${printShape(shape)}`,
    expected: `at most ${LARGEST_AXIS.toLocaleString('en')} along an axis`,
  });
}

function shapeOf(op: Op, inputs: readonly Shape[], where: string): Shape {
  const refuse = (found: string, expected: string): never => {
    throw new NasError(where, { found: `${op.kind} ${found}`, expected });
  };
  const arity = op.kind === 'input' ? 0 : op.kind === 'add' || op.kind === 'multiply' ? 2 : 1;
  if (op.kind === 'concat' ? inputs.length < 2 : inputs.length !== arity) {
    refuse(`has ${inputs.length} inputs`, op.kind === 'concat' ? 'two or more' : String(arity));
  }
  const [first = [0, 0, 0] as Shape, second = first] = inputs;
  const [height, width, channels] = first;
  switch (op.kind) {
    case 'input':
      return op.shape;
    case 'convolution':
      if (channels % op.groups !== 0 || op.channels % op.groups !== 0) {
        refuse(`has ${channels} channels in, ${op.channels} out`, `multiples of its ${op.groups} groups`);
      }
      return windowed(op, first, op.channels, refuse);
    case 'pool':
      return windowed(op, first, channels, refuse);
    case 'linear':
      if (height !== 1 || width !== 1) refuse(`has input ${printShape(first)}`, '1x1 pixels; pool before it');
      return [1, 1, op.channels];
    case 'batch-norm':
    case 'activation':
      return first;
    case 'add':
      if (!sameShape(first, second))
        refuse(`has ${printShape(first)} and ${printShape(second)}`, 'one shape');
      return first;
    case 'multiply':
      if (!sameShape(first, second) && !sameShape(second, [1, 1, channels])) {
        refuse(`has ${printShape(first)} and ${printShape(second)}`, `one shape, or 1x1x${channels} second`);
      }
      return first;
    case 'concat':
      if (inputs.some(([h, w]) => h !== height || w !== width)) {
        refuse(`has ${inputs.map(printShape).join(' and ')}`, 'one height and one width');
      }
      return [height, width, inputs.reduce((sum, [, , c]) => sum + c, 0)];
    case 'channel-split':
      if (op.channels < 1 || op.offset < 0 || op.offset + op.channels > channels) {
        refuse(`takes channels ${op.offset} to ${op.offset + op.channels - 1}`, `some of ${channels}`);
      }
      return [height, width, op.channels];
    case 'channel-shuffle':
      if (channels % op.groups !== 0) refuse(`has ${channels} channels`, `a multiple of ${op.groups} groups`);
      return first;
    case 'global-average-pool':
      return [1, 1, channels];
  }
}

function windowed(
  { kernel, stride, dilation = [1, 1], padding }: Window,
  [height, width]: Shape,
  channels: number,
  refuse: (found: string, expected: string) => never,
): Shape {
  const rows = windowAlongAxis(height, kernel[0], stride[0], padding, dilation[0]).output;
  const columns = windowAlongAxis(width, kernel[1], stride[1], padding, dilation[1]).output;
  if (rows < 1 || columns < 1) {
    const spread = dilation.every((step) => step === 1) ? '' : ` of dilation ${dilation.join('x')}`;
    refuse(`has a ${kernel.join('x')} window${spread} on ${height}x${width} pixels`, 'a window that fits');
  }
  if (channels < 1) refuse(`has ${channels} channels`, 'at least 1');
  return [rows, columns, channels];
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.every((size, axis) => size === b[axis]);
}

/** `112x112x16` */
export function printShape(shape: Shape): string {
  return shape.join('x');
}
