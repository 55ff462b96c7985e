import type { Battery } from '../../latency/device-state.ts';
import { numberOf } from './number.ts';

/** `BatteryManager.BATTERY_STATUS_…`, from 1 on. */
const STATES: readonly Battery['state'][] = [null, 'charging', 'discharging', 'not charging', 'full'];

/** Reads `dumpsys battery`. */
export function parseAndroidBattery(report: string | null): Battery | null {
  if (report === null) return null;
  const field = (name: string): number | null =>
    numberOf(new RegExp(`^ *${name}: *(\\S+)`, 'm').exec(report)?.[1]);
  const level = field('level');
  const scale = field('scale') ?? 100;
  const tenths = field('temperature');
  if (level === null && tenths === null) return null;
  return {
    percent: level === null ? null : Math.round((100 * level) / scale),
    celsius: tenths === null ? null : tenths / 10,
    state: STATES[(field('status') ?? 1) - 1] ?? null,
  };
}

/** Reads Linux's `power_supply` of a battery, the first where there are several. */
export function parseSysfsBattery(sections: (name: string) => readonly string[]): Battery | null {
  const percent = numberOf(sections('battery-percent')[0]);
  const state = STATES.find(
    (known) => known !== null && known === sections('battery-state')[0]?.toLowerCase(),
  );
  const tenths = numberOf(sections('battery-temperature')[0]);
  if (percent === null && state === undefined) return null;
  return { percent, celsius: tenths === null ? null : tenths / 10, state: state ?? null };
}
