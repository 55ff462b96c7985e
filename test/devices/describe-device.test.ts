import { expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { describeDevice, describeState } from '../../src/devices/describe-device/describe-device.ts';
import { NO_FACTS } from '../../src/devices/describe-device/facts.ts';
import { parseFacts, parseState } from '../../src/devices/describe-device/parse-facts.ts';
import { localTransport } from '../../src/devices/transports/local.ts';

const PHONE = `@machine
aarch64

@system
Linux 5.15.123-android13-8

@ro.product.manufacturer
samsung

@ro.product.model
SM-S911B

@ro.soc.manufacturer
QTI

@ro.soc.model
SM8550

@ro.board.platform
kalama

@ro.build.version.release
14

@ro.build.display.id
UP1A.231005.007.S911BXXS3BXBD

@dumpsys-battery
Current Battery Service state:
  AC powered: false
  USB powered: true
  Max charging voltage: 5000000
  status: 4
  health: 2
  level: 87
  scale: 100
  temperature: 284

@dumpsys-thermal
IsStatusOverride: false
Thermal Status: 2
Cached temperatures:
\tTemperature{mValue=71.5, mType=0, mName=AP, mStatus=0}
HAL Ready: true
Current temperatures from HAL:
\tTemperature{mValue=48.6, mType=0, mName=AP, mStatus=0}
\tTemperature{mValue=51.9, mType=0, mName=CPU7, mStatus=0}
\tTemperature{mValue=28.4, mType=2, mName=BAT, mStatus=0}
\tTemperature{mValue=96.0, mType=9, mName=MODEM, mStatus=0}
Current cooling devices from HAL:

@tree-model

@cpuinfo
processor\t: 0
@core
3360000
@governor
walt
@core
2016000
@governor
walt
@core
2016000
@governor
schedutil
@core

@governor

@end
`;

test('a phone, from what Android and its kernel say', () => {
  expect(parseFacts(PHONE)).toEqual({
    model: 'samsung SM-S911B',
    soc: 'QTI SM8550',
    architecture: 'aarch64',
    operatingSystem: 'Linux 5.15.123-android13-8',
    androidBuild: 'Android 14 (UP1A.231005.007.S911BXXS3BXBD)',
    cores: [
      { count: 1, maxFrequencyMhz: null },
      { count: 2, maxFrequencyMhz: 2016 },
      { count: 1, maxFrequencyMhz: 3360 },
    ],
    battery: { percent: 87, celsius: 28.4, state: 'not charging' },
    thermal: { status: 'moderate', hottestCelsius: 51.9 },
    governors: ['walt', 'schedutil'],
  });
});

test('a board, from its device tree and its kernel', () => {
  const facts = parseFacts(`@machine
aarch64
@tree-model
Raspberry Pi 4 Model B Rev 1.4\0
@tree-compatible
raspberrypi,4-model-b\0brcm,bcm2711\0
@cpuinfo
processor\t: 0
processor\t: 1
Hardware\t: BCM2835
@zone
0
@zone
47230
@zone
-274000
@end
`);
  expect(facts).toEqual({
    ...NO_FACTS,
    model: 'Raspberry Pi 4 Model B Rev 1.4',
    soc: 'brcm,bcm2711',
    architecture: 'aarch64',
    cores: [{ count: 2, maxFrequencyMhz: null }],
    thermal: { status: null, hottestCelsius: 47.23 },
  });
});

test('a notebook with a battery', () => {
  const facts = parseFacts(`@cpuinfo
processor : 0
model name      : 11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz
@product
XPS 13 9310
@core
4800000
@battery-percent
55
@battery-state
Discharging
@battery-temperature

@end
`);
  expect(facts).toMatchObject({
    model: 'XPS 13 9310',
    soc: '11th Gen Intel(R) Core(TM) i7-1185G7 @ 3.00GHz',
    cores: [{ count: 1, maxFrequencyMhz: 4800 }],
    battery: { percent: 55, celsius: null, state: 'discharging' },
  });
});

test('a device that tells nothing has no facts', () => {
  expect(parseFacts('@end\n')).toEqual(NO_FACTS);
  expect(parseFacts('')).toEqual(NO_FACTS);
});

test('this machine', async () => {
  const { architecture, operatingSystem, androidBuild } = await describeDevice(localTransport);
  expect(architecture).toMatch(/^(x86_64|aarch64|arm64)$/);
  expect(operatingSystem).toMatch(/^\w+ \d/);
  expect(androidBuild).toBe(null);
});

test('how a device is, asked for by itself, is what it says of that among all else', async () => {
  const { battery, thermal, governors } = parseFacts(PHONE);
  expect(parseState(PHONE)).toEqual({ battery, thermal, governors });
  const state = await describeState(localTransport);
  expect(Object.keys(state ?? {})).toEqual(['battery', 'thermal', 'governors']);
  expect(state?.governors).toEqual((await describeDevice(localTransport)).governors);
});

test('a device that cannot be asked how it is tells nothing; whoever stops asking hears why', async () => {
  const found = 'the connection was lost before its end';
  const run = (): Promise<never> => Promise.reject(new NasError('adb:R58: sh', { found }));
  expect(await describeState({ run })).toBe(null);
  const stopped = describeState(localTransport, AbortSignal.abort(new Error('enough')));
  await expect(stopped).rejects.toThrow('enough');
});
