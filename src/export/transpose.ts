/** The values of a row-major tensor with its axes in another order: axis i of the result is axis `order[i]`. */
export function transpose(
  values: Float32Array,
  dimensions: readonly number[],
  order: readonly number[],
): Float32Array {
  // Elements from one index of an axis to the next, in the order of the result's axes.
  const strides = order.map((axis) =>
    dimensions.slice(axis + 1).reduce((product, size) => product * size, 1),
  );
  const sizes = order.map((axis) => dimensions[axis] ?? 1);
  const index = sizes.map(() => 0);
  const result = new Float32Array(values.length);
  let place = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = values[place] ?? 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      const stride = strides[axis] ?? 0;
      const next = (index[axis] ?? 0) + 1;
      if (next < (sizes[axis] ?? 1)) {
        index[axis] = next;
        place += stride;
        break;
      }
      place -= stride * (next - 1);
      index[axis] = 0;
    }
  }
  return result;
}
