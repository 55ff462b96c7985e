import { type DeviceState, tooHot } from '../latency/device-state.ts';

/** Below this much, in percent, phones begin to save what is left. */
const LOW_BATTERY = 20;
/** Up to here, in percent, a battery takes all the current it is given; beyond, ever less. */
const FAST_CHARGING = 80;

interface Warning {
  readonly about: 'battery' | 'charging' | 'hot' | 'warm' | 'governor';
  /** What is found, what it means, and what to do. */
  readonly text: string;
}

/** What speaks against measuring a device as it is now, a line each. */
export function warningsBefore(state: DeviceState | null): readonly string[] {
  return warningsAbout(state).map(({ text }) => text);
}

/** What has come about since, and speaks against what was measured meanwhile. */
export function warningsAfter(before: DeviceState | null, after: DeviceState | null): readonly string[] {
  const known = warningsAbout(before).map(({ about }) => about);
  const fresh = warningsAbout(after).filter(({ about }) => about !== 'governor' && !known.includes(about));
  const [was, is] = [before, after].map((state) => state?.governors?.join(', '));
  return [
    ...fresh.map(({ text }) => `after measuring: ${text}`),
    ...(was === undefined || is === undefined || was === is
      ? []
      : [
          `governor ${was} before measuring, ${is} after: the clocks were not the same throughout; measure again`,
        ]),
  ];
}

function warningsAbout(state: DeviceState | null): readonly Warning[] {
  if (state === null) return [];
  return [batteryWarning(state), heatWarning(state), governorWarning(state)].filter(
    (warning) => warning !== undefined,
  );
}

function batteryWarning({ battery }: DeviceState): Warning | undefined {
  const { percent = null, state = null } = battery ?? {};
  if (percent === null) return undefined;
  if (state === 'discharging' && percent < LOW_BATTERY) {
    const text = `battery at ${percent} %: many devices lower their clocks to save the rest; plug it in`;
    return { about: 'battery', text };
  }
  if (state === 'charging' && percent < FAST_CHARGING) {
    const text = `battery charging at ${percent} %, which heats the device: wait until it is at ${FAST_CHARGING} %`;
    return { about: 'charging', text };
  }
  return undefined;
}

function heatWarning({ thermal }: DeviceState): Warning | undefined {
  const { status = null, hottestCelsius = null } = thermal ?? {};
  const heat = [
    ...(status === null ? [] : [`thermal status ${status}`]),
    ...(hottestCelsius === null ? [] : [`${hottestCelsius.toFixed(1)} °C`]),
  ].join(', ');
  if (tooHot({ thermal })) {
    return { about: 'hot', text: `${heat}: too hot to keep its clocks; let it cool down, out of its case` };
  }
  if (status === 'light') return { about: 'warm', text: `${heat}: it holds back a little; let it cool down` };
  return undefined;
}

function governorWarning({ governors }: DeviceState): Warning | undefined {
  const others = (governors ?? []).filter((governor) => governor !== 'performance');
  if (others.length === 0) return undefined;
  const what = others.includes('powersave') ? 'clocks stay low or rise late' : 'clocks rise late';
  const next = 'echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor';
  return {
    about: 'governor',
    text: `governor ${others.join(', ')}: ${what}; where the device lets you, ${next}`,
  };
}
