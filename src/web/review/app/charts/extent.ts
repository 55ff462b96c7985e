/** The range of some values with a little room on both sides; of none, or of one alone, a range around it. */
export function extentOf(values: Iterable<number>, room = 0.05): readonly [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (!(low <= high)) return [0, 1];
  const margin = high > low ? room * (high - low) : Math.abs(high) * room || 1;
  return [low - margin, high + margin];
}
