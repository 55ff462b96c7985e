import type { ParameterSpec } from '../embedded/parameters.ts';
import type { SharedParameter } from './layout.ts';

/** Runs of neighbouring floats that a parameter of a network and the shared one have in common. */
export interface Slice {
  /** Where each begins among the supernet's floats. */
  readonly shared: Int32Array;
  /** Where each begins in the parameter's memory. */
  readonly own: Int32Array;
  /** Floats of each. */
  readonly length: number;
}

/**
 * The slice of a shared parameter that a network's parameter is: the first channels of each axis of channels, and the
 * centre of a kernel (Cai et al. 2020, Once-for-all, section 3, without its kernel transformations).
 */
export function sliceOf(shared: SharedParameter, own: ParameterSpec): Slice {
  const outputs = own.dimensions.at(-1) ?? 1;
  const length = contiguousOutputs(own, outputs);
  const runs = outputs / length;
  const leading = own.dimensions.slice(0, -1);
  const rows = leading.reduce((product, size) => product * size, 1);
  const starts = { shared: new Int32Array(rows * runs), own: new Int32Array(rows * runs), length };
  const origin = leading.map((size, axis) =>
    isKernelAxis(own, axis) ? ((shared.dimensions[axis] ?? size) - size) >> 1 : 0,
  );
  for (let row = 0; row < rows; row++) {
    let rest = row;
    let sharedRow = 0;
    let stride = 1;
    for (let axis = leading.length - 1; axis >= 0; axis--) {
      const size = leading[axis]!;
      sharedRow += ((rest % size) + origin[axis]!) * stride;
      rest = Math.floor(rest / size);
      stride *= shared.dimensions[axis]!;
    }
    for (let run = 0; run < runs; run++) {
      starts.shared[row * runs + run] = shared.offset + sharedRow * shared.dimensions.at(-1)! + run * length;
      starts.own[row * runs + run] = own.placeOf(row * outputs + run * length);
    }
  }
  return starts;
}

/** Copies a slice out of the supernet's floats into a network's parameter. */
export function gather(slice: Slice, supernet: Float32Array, parameter: Float32Array): void {
  copy(slice, slice.shared, supernet, slice.own, parameter);
}

/** Copies a network's parameter back to where `gather` took it from. */
export function scatter(slice: Slice, supernet: Float32Array, parameter: Float32Array): void {
  copy(slice, slice.own, parameter, slice.shared, supernet);
}

/** Element by element: the runs are too short for `set`, which would need a view of each. */
function copy(
  { length }: Slice,
  fromStarts: Int32Array,
  from: Float32Array,
  toStarts: Int32Array,
  to: Float32Array,
): void {
  for (let run = 0; run < fromStarts.length; run++) {
    const source = fromStarts[run]!;
    const target = toStarts[run]!;
    for (let i = 0; i < length; i++) to[target + i] = from[source + i]!;
  }
}

function isKernelAxis({ dimensions }: ParameterSpec, axis: number): boolean {
  return dimensions.length === 4 && axis < 2;
}

/** How many outputs lie side by side in memory: all of them, or those of a group. */
function contiguousOutputs({ placeOf }: ParameterSpec, outputs: number): number {
  let length = 1;
  while (length < outputs && placeOf(length) === placeOf(0) + length) length++;
  return length;
}
