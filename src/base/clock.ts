/** The only source of time outside measurements on a device. */
export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  monotonicMs(): number;
  /** Wall time as an ISO 8601 string in UTC. */
  timestamp(): string;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  timestamp: () => new Date(Date.now()).toISOString(),
};
