import { THERMAL_STATUSES, type Thermal } from '../../latency/device-state.ts';
import { numberOf } from './number.ts';

/** `TemperatureType::CPU` of Android's thermal service. */
const CPU = 0;

/** Reads `dumpsys thermalservice` (Android 10 and later) or else the temperatures of the kernel's zones. */
export function parseThermal(report: string | null, zones: readonly string[]): Thermal | null {
  const status = THERMAL_STATUSES[numberOf(/^Thermal Status: *(\S+)/m.exec(report ?? '')?.[1]) ?? -1] ?? null;
  const sensors = sensorsOf(report ?? '');
  const processor = sensors.filter(({ type }) => type === CPU);
  const hottestCelsius =
    hottest((processor.length > 0 ? processor : sensors).map(({ celsius }) => celsius)) ??
    hottest(zones.map((text) => (numberOf(text) ?? Number.NaN) / 1000));
  return status === null && hottestCelsius === null ? null : { status, hottestCelsius };
}

/** The sensors as they are now, where the report has that, else as they were when one last changed. */
function sensorsOf(report: string): readonly { readonly type: number; readonly celsius: number }[] {
  const now = report.indexOf('Current temperatures from HAL');
  const pattern = /Temperature\{mValue=(-?[\d.]+), mType=(-?\d+)/g;
  return [...report.slice(Math.max(now, 0)).matchAll(pattern)].map(([, celsius, type]) => ({
    type: Number(type),
    celsius: Number(celsius),
  }));
}

/** Sensors that are switched off say 0, or what cannot be. */
function hottest(temperatures: readonly number[]): number | null {
  const believable = temperatures.filter((celsius) => celsius > 0 && celsius < 150);
  return believable.length === 0 ? null : Math.max(...believable);
}
