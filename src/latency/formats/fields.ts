import { NasError } from '../../base/errors.ts';

/** The named texts of a row. */
export interface Fields {
  /** File, and place of the row in it. */
  readonly where: string;
  /** `undefined` where the row has no such field or nothing in it. */
  text(name: string): string | undefined;
}

export function requiredText(fields: Fields, name: string, expected: string): string {
  const text = fields.text(name);
  if (text === undefined) throw new NasError(fields.where, { found: `no ${name}`, expected });
  return text;
}

/** Channels, pixels and the like; beyond it products lose digits, and nothing real is. */
const LARGEST = 9_999_999;

/** From `from` on, up to `to` where that is said. */
export function wholeNumber(fields: Fields, name: string, from = 1, to?: number): number {
  const expected = `a whole number from ${from} ${to === undefined ? 'on' : `to ${to}`}`;
  const text = requiredText(fields, name, expected);
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= from && value <= (to ?? LARGEST))) {
    throw new NasError(fields.where, { found: `${name} is ${quote(text)}`, expected });
  }
  return value;
}

/** `undefined` where the row does not have it. */
export function optionalWholeNumber(fields: Fields, name: string, from = 1): number | undefined {
  return fields.text(name) === undefined ? undefined : wholeNumber(fields, name, from);
}

export function switchedOn(fields: Fields, name: string): boolean {
  return wholeNumber(fields, name, 0, 1) === 1;
}

/** A number from 0 on; `undefined` for what is none, or infinite. */
export function parseNumber(text: string): number | undefined {
  if (!/^\+?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** What a time is in milliseconds. Divided, not multiplied by 0.001: 4600 us are 4.6 ms to the last digit. */
export const TIME_UNITS = {
  us: (time: number) => time / 1000,
  ms: (time: number) => time,
  s: (time: number) => time * 1000,
} as const;

export type TimeUnit = keyof typeof TIME_UNITS;

/** A time above 0, in milliseconds. */
export function positiveTime(fields: Fields, name: string, unit: TimeUnit = 'ms'): number {
  const expected = 'a time above 0';
  const text = requiredText(fields, name, expected);
  const ms = TIME_UNITS[unit](parseNumber(text) ?? 0);
  if (!(ms > 0 && Number.isFinite(ms))) {
    throw new NasError(fields.where, { found: `${name} is ${quote(text)}`, expected });
  }
  return ms;
}

/** `112x112x16`: height, width, channels. */
export function shapeField(fields: Fields, name: string): readonly [number, number, number] {
  const expected = 'height x width x channels, such as 112x112x16';
  const text = requiredText(fields, name, expected);
  const [, height, width, channels] = /^([1-9]\d{0,6})x([1-9]\d{0,6})x([1-9]\d{0,6})$/.exec(text) ?? [];
  if (channels === undefined) {
    throw new NasError(fields.where, { found: `${name} is ${quote(text)}`, expected });
  }
  return [Number(height), Number(width), Number(channels)];
}

/** For a message: whatever is in a file, on one line and not long. */
export function oneLine(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text).slice(1, -1);
}

export function quote(text: string): string {
  return `'${oneLine(text)}'`;
}

/** The fields of data that were parsed from JSON or YAML. */
export function fieldsOf(data: object, where: string): Fields {
  return {
    where,
    text(name) {
      const value: unknown = Object.hasOwn(data, name) ? Reflect.get(data, name) : undefined;
      if (value === undefined || value === null || value === '') return undefined;
      if (typeof value === 'object') {
        throw new NasError(where, {
          found: `${name} is ${Array.isArray(value) ? 'a list' : 'a mapping'}`,
          expected: 'a number or a text',
        });
      }
      return String(value).trim();
    },
  };
}
