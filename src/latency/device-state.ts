export const BATTERY_STATES = ['charging', 'discharging', 'not charging', 'full'] as const;

export interface Battery {
  readonly percent: number | null;
  readonly celsius: number | null;
  readonly state: (typeof BATTERY_STATES)[number] | null;
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

/** How a device is at a moment. What it does not tell is null, never guessed. */
export interface DeviceState {
  readonly battery: Battery | null;
  readonly thermal: Thermal | null;
  /** What sets the clocks of the cores: `schedutil`; more than one where clusters differ. */
  readonly governors: readonly string[] | null;
}

/** Where a Raspberry Pi begins to lower its clocks; phones and notebooks do so at 85 to 100 °C by this sensor. */
export const TOO_HOT_CELSIUS = 80;

/**
 * Whether a device is so hot that its clocks fall, and with them what its times mean. Android's `light` is below:
 * there the vendor holds back what nobody is to notice.
 */
export function tooHot({ thermal }: Pick<DeviceState, 'thermal'>): boolean {
  const { status = null, hottestCelsius = null } = thermal ?? {};
  const isThrottled = status !== null && status !== 'none' && status !== 'light';
  return isThrottled || (hottestCelsius !== null && hottestCelsius >= TOO_HOT_CELSIUS);
}
