/** Readings that say what the usual pace is: half a minute of them, so that a slow spell stands out. */
const REMEMBERED = 65_536;
/** The pace is worked out anew whenever this part of the readings is new, ... */
const NEW_PART = 1 / 64;
/** ... and at least after so many. */
const MINIMUM_NEW = 32;
/**
 * The pace that the fastest few of the readings reach counts as that of an undisturbed core: on a shared machine the
 * core is undisturbed a fifth of the time, and in bad spells a twentieth.
 */
const UNDISTURBED_QUANTILE = 0.02;
/** A sibling hyper-thread at work slows the sentinel by a quarter, changes of the clock by a tenth. */
const TOLERANCE = 1.1;

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
  let updateAt = 0;
  return {
    isUsual(elapsedUs) {
      readings[count % REMEMBERED] = elapsedUs;
      count += 1;
      if (count <= MINIMUM_NEW || count >= updateAt) {
        const sorted = readings.slice(0, Math.min(count, REMEMBERED)).sort();
        usual = sorted[Math.floor(UNDISTURBED_QUANTILE * sorted.length)];
        updateAt = count + Math.max(MINIMUM_NEW, Math.floor(NEW_PART * sorted.length));
      }
      return elapsedUs <= TOLERANCE * (usual ?? elapsedUs);
    },
    usualUs: () => usual,
  };
}
