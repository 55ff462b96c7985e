/** Cores that run at the same frequency at most. */
export interface CoreGroup {
  readonly count: number;
  readonly maxFrequencyMhz: number | null;
}

export interface Battery {
  readonly percent: number | null;
  readonly celsius: number | null;
  readonly state: 'charging' | 'discharging' | 'not charging' | 'full' | null;
}

/** Android's words for how hard a phone is slowed down because it is hot, from not at all on. */
export const THERMAL_STATUSES = [
  'none',
  'light',
  'moderate',
  'severe',
  'critical',
  'emergency',
  'shutdown',
] as const;

export interface Thermal {
  readonly status: (typeof THERMAL_STATUSES)[number] | null;
  /** Of the sensors at the processor where they are known, else of all. */
  readonly hottestCelsius: number | null;
}

/** What a device tells of itself. What it does not tell is null, never guessed. */
export interface DeviceFacts {
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
  readonly battery: Battery | null;
  readonly thermal: Thermal | null;
  /** What sets the clocks of the cores: `schedutil`; more than one where clusters differ. */
  readonly governors: readonly string[] | null;
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
