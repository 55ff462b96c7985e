/** Readings that say what the usual pace is: those of some minutes, so that a slow spell stands out. */
const REMEMBERED = 8_192;
const READINGS_BETWEEN_UPDATES = 32;
/** The pace that the fastest tenth of the readings reach counts as that of an undisturbed core. */
const UNDISTURBED_QUANTILE = 0.1;
/** A sibling hyper-thread at work slows a core by a third or more, changes of its clock by a tenth. */
const TOLERANCE = 1.15;

/** Tells from work of known size whether the core runs at its usual pace. */
export interface Pace {
  /** Takes note of how long the work took, and tells whether that was as long as usual. */
  isUsual(elapsedUs: number): boolean;
  /** What the work takes at the usual pace; `undefined` before the first reading. */
  usualUs(): number | undefined;
}

/**
 * A shared physical core, a neighbour on the host of a virtual machine, a falling clock or heat slow a process down
 * with no trace in its own accounts: no context switch, and processor time goes on as wall time does. They show in
 * how long the same kernel takes, the sentinel, between the samples.
 */
export function createPace(): Pace {
  const readings = new Float64Array(REMEMBERED);
  let count = 0;
  let usual: number | undefined;
  return {
    isUsual(elapsedUs) {
      readings[count % REMEMBERED] = elapsedUs;
      count += 1;
      if (count <= READINGS_BETWEEN_UPDATES || count % READINGS_BETWEEN_UPDATES === 0) {
        const sorted = readings.slice(0, Math.min(count, REMEMBERED)).sort();
        usual = sorted[Math.floor(UNDISTURBED_QUANTILE * sorted.length)];
      }
      return elapsedUs <= TOLERANCE * (usual ?? elapsedUs);
    },
    usualUs: () => usual,
  };
}
