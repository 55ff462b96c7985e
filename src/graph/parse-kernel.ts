import { NasError } from '../base/errors.ts';
import { type Kernel, signatureOf } from './fusion.ts';
import { ACTIVATION_FUNCTIONS, type Extent, type Op, type Shape } from './op.ts';
import { inferShape } from './shape.ts';

/**
 * Reads a kernel's signature back: `parseKernel(kernel.signature)` is the kernel. `undefined` for any text that is not
 * the signature of a kernel whose shapes fit.
 */
export function parseKernel(signature: string): Kernel | undefined {
  const space = signature.indexOf(' ');
  const inputs = signature.slice(0, space).split(',').map(parseShape);
  const ops = signature
    .slice(space + 1)
    .split(' + ')
    .map(parseOp);
  if (!inputs.every(isRead) || !ops.every(isRead)) return undefined;
  const [first, ...rest] = ops;
  // As `fuse` makes them: an op, and at most an activation after it.
  const isFused =
    rest.length === 0 ||
    (rest.length === 1 && first?.kind !== 'activation' && rest[0]?.kind === 'activation');
  if (!isFused || signatureOf(inputs, ops) !== signature || outputOf({ inputs, ops }) === undefined)
    return undefined;
  return { signature, inputs, ops };
}

/** The shape that a kernel writes; `undefined` where its inputs do not fit it. */
export function outputOf({ inputs, ops: [first] }: Pick<Kernel, 'inputs' | 'ops'>): Shape | undefined {
  try {
    return first === undefined ? undefined : inferShape(first, inputs, '');
  } catch (error) {
    if (error instanceof NasError) return undefined;
    throw error;
  }
}

const isRead = <T>(value: T | undefined): value is T => value !== undefined;

/** A size: at least 1, and not so large that products of them lose digits. */
const SIZE = '([1-9]\\d{0,6})';
const EXTENT = `${SIZE}x${SIZE}`;

const SHAPE = new RegExp(`^${EXTENT}x${SIZE}$`);

function parseShape(text: string): Shape | undefined {
  const sizes = SHAPE.exec(text)?.slice(1).map(Number);
  return sizes === undefined ? undefined : [sizes[0] ?? 0, sizes[1] ?? 0, sizes[2] ?? 0];
}

/** What `printOp` prints of each kind of op that has more than its kind to say, and what is read of it. */
const PATTERNS: readonly (readonly [RegExp, (words: readonly string[]) => Op])[] = [
  [
    new RegExp(`^convolution ${SIZE} k${EXTENT} s${EXTENT}(?: d${EXTENT})? g${SIZE} (same|valid)( bias)?$`),
    ([channels, kh, kw, sh, sw, dh = '1', dw = '1', groups, padding, bias]) => ({
      kind: 'convolution',
      channels: Number(channels),
      kernel: extent(kh, kw),
      stride: extent(sh, sw),
      dilation: extent(dh, dw),
      groups: Number(groups),
      padding: padding === 'valid' ? 'valid' : 'same',
      bias: bias !== undefined,
    }),
  ],
  [
    new RegExp(`^linear ${SIZE}( bias)?$`),
    ([channels, bias]) => ({ kind: 'linear', channels: Number(channels), bias: bias !== undefined }),
  ],
  [
    new RegExp(`^(max|average)-pool k${EXTENT} s${EXTENT} (same|valid)$`),
    ([pooling, kh, kw, sh, sw, padding]) => ({
      kind: 'pool',
      function: pooling === 'max' ? 'max' : 'average',
      kernel: extent(kh, kw),
      stride: extent(sh, sw),
      padding: padding === 'valid' ? 'valid' : 'same',
    }),
  ],
  [
    new RegExp(`^channel-split (0|[1-9]\\d{0,6})\\+${SIZE}$`),
    ([offset, channels]) => ({
      kind: 'channel-split',
      offset: Number(offset),
      channels: Number(channels),
    }),
  ],
  [
    new RegExp(`^channel-shuffle ${SIZE}$`),
    ([groups]) => ({ kind: 'channel-shuffle', groups: Number(groups) }),
  ],
];

const extent = (height: string | undefined, width: string | undefined): Extent => [
  Number(height),
  Number(width),
];

const BARE_KINDS = ['add', 'multiply', 'concat', 'batch-norm', 'global-average-pool'] as const;

function parseOp(text: string): Op | undefined {
  for (const [pattern, read] of PATTERNS) {
    const match = pattern.exec(text);
    if (match !== null) return read(match.slice(1));
  }
  const kind = BARE_KINDS.find((name) => name === text);
  if (kind !== undefined) return { kind };
  const activation = ACTIVATION_FUNCTIONS.find((name) => name === text);
  return activation === undefined ? undefined : { kind: 'activation', function: activation };
}
