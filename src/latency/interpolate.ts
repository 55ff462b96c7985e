import { robustRegression } from '../numeric/robust-regression.ts';
import { isSequence } from './sequence.ts';
import type { LatencyTable } from './table.ts';

/** Fewer kernels of the same kind than this say nothing of another width. */
const MINIMUM_KERNELS = 4;

/**
 * The time of a kernel that a table lacks, from its kernels of the same kind: those that differ in their widths and in
 * nothing else, never in window, stride, pixels, groups or ops. Fitted to them is
 *
 *     ms ≈ a + b · (channels read + channels written) + c · channels read · channels written
 *
 * (without the last term where each channel is on its own): what a call, moving the data, and the arithmetic cost.
 * `undefined` where the table has too few of the kind, or where the widths are outside of those it has: nothing is
 * extrapolated.
 */
export function interpolateKernel(signature: string, table: LatencyTable): number | undefined {
  const wanted = readWidths(signature);
  if (wanted === undefined) return undefined;
  const alike = [...table.kernels.values()].flatMap((kernel) => {
    const widths = readWidths(kernel.signature);
    return widths?.kind === wanted.kind ? [{ ...widths, medianMs: kernel.medianMs }] : [];
  });
  const between = (measure: 'read' | 'written'): boolean => {
    const known = alike.map((other) => other[measure]);
    return wanted[measure] >= Math.min(...known) && wanted[measure] <= Math.max(...known);
  };
  if (alike.length < MINIMUM_KERNELS || !between('read') || !between('written')) return undefined;
  const rows = alike.map((other) => features(other).map((feature) => feature / other.medianMs));
  const targets = alike.map(() => 1);
  const asked = features(wanted);
  const prior = asked.map(() => 0);
  // Too weak to matter where the kernels determine the coefficients.
  const pulls = asked.map((feature) => (1e-4 * feature) ** 2);
  const coefficients = robustRegression(rows, targets, prior, pulls);
  const ms = asked.reduce((sum, feature, i) => sum + feature * (coefficients[i] ?? 0), 0);
  return ms > 0 ? ms : undefined;
}

/** The widths of a kernel, and all else about it. */
interface Widths {
  readonly kind: string;
  readonly read: number;
  readonly written: number;
  /** Whether every channel read takes part in every channel written. */
  readonly mixes: boolean;
}

function features({ read, written, mixes }: Widths): readonly number[] {
  return [1, read + written, ...(mixes ? [read * written] : [])];
}

/** `undefined` for kernels whose widths say nothing on their own, such as a channel split, and for sequences. */
function readWidths(signature: string): Widths | undefined {
  if (isSequence(signature)) return undefined;
  const [shapes = '', ...words] = signature.split(' ');
  const sizes = shapes.split(',').map((shape) => shape.split('x'));
  const read = sizes.reduce((sum, [, , channels]) => sum + Number(channels), 0);
  const pixels = sizes.map(([height, width]) => `${height}x${width}`).join();
  const [op = '', ...rest] = words;
  switch (op) {
    case 'convolution': {
      const [channels, window, stride, ...others] = rest;
      const groups = others.find((word) => /^g\d+$/.test(word)) ?? 'g1';
      const depthwise = groups === `g${read}`;
      const text = others.filter((word) => word !== groups).join(' ');
      const kind = `${pixels} ${op} ${window} ${stride} ${depthwise ? 'depthwise' : groups} ${text}`;
      return { kind, read, written: Number(channels), mixes: !depthwise };
    }
    case 'linear': {
      const [channels, ...others] = rest;
      return { kind: `${pixels} ${op} ${others.join(' ')}`, read, written: Number(channels), mixes: true };
    }
    case 'channel-split':
      return undefined;
    default:
      return { kind: `${pixels} ${words.join(' ')}`, read, written: read, mixes: false };
  }
}
