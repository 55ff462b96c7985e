import type { DeviceState } from '../../latency/device-state.ts';

/** Cores that run at the same frequency at most. */
export interface CoreGroup {
  readonly count: number;
  readonly maxFrequencyMhz: number | null;
}

/** What a device tells of itself. What it does not tell is null, never guessed. */
export interface DeviceFacts extends DeviceState {
  readonly model: string | null;
  readonly soc: string | null;
  /** As `uname -m` has it: `aarch64`, `x86_64`. */
  readonly architecture: string | null;
  /** The kernel: `Linux 6.1.75`. */
  readonly operatingSystem: string | null;
  /** `Android 15 (AP4A.250205.002)` */
  readonly androidBuild: string | null;
  /** The slowest first. */
  readonly cores: readonly CoreGroup[] | null;
}

export const NO_FACTS: DeviceFacts = {
  model: null,
  soc: null,
  architecture: null,
  operatingSystem: null,
  androidBuild: null,
  cores: null,
  battery: null,
  thermal: null,
  governors: null,
};
