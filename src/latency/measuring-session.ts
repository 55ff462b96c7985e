import { z } from 'zod';
import { BATTERY_STATES, type DeviceState, THERMAL_STATUSES } from './device-state.ts';

/** A stretch of time in which kernels or whole networks of a table were measured. */
export interface MeasuringSession {
  /** ISO 8601. */
  readonly startedAt: string;
  /** Of the last result, or of the end where there was one. */
  readonly endedAt: string;
  readonly kernels: number;
  /** How the device was; null where it does not tell, and `after` where measuring was broken off. */
  readonly before: DeviceState | null;
  readonly after: DeviceState | null;
}

export const deviceStateSchema = z
  .strictObject({
    battery: z
      .strictObject({
        percent: z.number().nullable(),
        celsius: z.number().nullable(),
        state: z.enum(BATTERY_STATES).nullable(),
      })
      .nullable(),
    thermal: z
      .strictObject({
        status: z.enum(THERMAL_STATUSES).nullable(),
        hottestCelsius: z.number().nullable(),
      })
      .nullable(),
    governors: z.array(z.string()).nullable(),
  })
  .nullable();

export const measuringSessionSchema = z.strictObject({
  startedAt: z.iso.datetime('an ISO 8601 time'),
  endedAt: z.iso.datetime('an ISO 8601 time'),
  kernels: z.int().nonnegative(),
  before: deviceStateSchema,
  after: deviceStateSchema,
});
