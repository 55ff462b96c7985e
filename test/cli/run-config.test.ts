import { expect, test } from 'vitest';
import { runConfigSchema, targetsOf } from '../../src/cli/run-config.ts';

/** As nas 0.1 stored it. */
const old = {
  ...{ space: 'mobile', device: { device: 'local', dtype: 'float32', threads: 1 }, targetMs: 15 },
  ...{ reward: { name: 'mnas-hard' }, latencyLimit: 1.25, strategy: 'ppo', trials: 40, batch: 8 },
  ...{ dataset: 'cifar10', seed: '1' },
};

test('a run of before there were several targets can be gone on with', () => {
  const config = runConfigSchema.parse(old);
  expect(config).toMatchObject({ targetsMs: [15], otherDevices: [], trials: 40 });
  expect(config).not.toHaveProperty('inFlight');
  expect(targetsOf(config)).toEqual([{ device: 0, targetMs: 15 }]);
});

test('each target is to be met on each device', () => {
  const config = { ...runConfigSchema.parse(old), targetsMs: [5, 10], otherDevices: ['adb:B'] };
  expect(targetsOf(config)).toEqual([
    { device: 0, targetMs: 5 },
    { device: 0, targetMs: 10 },
    { device: 1, targetMs: 5 },
    { device: 1, targetMs: 10 },
  ]);
});

test('what it does not know is refused', () => {
  expect(runConfigSchema.safeParse({ ...old, targetMs: undefined }).success).toBe(false);
  expect(runConfigSchema.safeParse({ ...old, hours: 2 }).success).toBe(false);
});
