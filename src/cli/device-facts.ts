import type { DeviceFacts } from '../devices/describe-device/facts.ts';

/** `4×1.8 GHz + 4×2.84 GHz` */
export function printCores(cores: DeviceFacts['cores']): string {
  if (cores === null) return 'unknown';
  return cores
    .map(
      ({ count, maxFrequencyMhz }) =>
        `${count}×${maxFrequencyMhz === null ? 'unknown' : gigahertz(maxFrequencyMhz)}`,
    )
    .join(' + ');
}

/** `88 %, 27.1 °C, charging` */
export function printBattery(battery: DeviceFacts['battery']): string {
  if (battery === null) return '-';
  const { percent, celsius, state } = battery;
  return listed([
    percent === null ? null : `${percent} %`,
    celsius === null ? null : degrees(celsius),
    state,
  ]);
}

/** `light, 52.7 °C`; `not throttled` where Android says `none`. */
export function printThermal(thermal: DeviceFacts['thermal']): string {
  if (thermal === null) return '-';
  const { status, hottestCelsius } = thermal;
  return listed([
    status === 'none' ? 'not throttled' : status,
    hottestCelsius === null ? null : degrees(hottestCelsius),
  ]);
}

function gigahertz(megahertz: number): string {
  return `${Number((megahertz / 1000).toFixed(2))} GHz`;
}

function degrees(celsius: number): string {
  return `${celsius.toFixed(1)} °C`;
}

function listed(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join(', ') || '-';
}
