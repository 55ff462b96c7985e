import { readFileSync } from 'node:fs';

/** Of the package; stored with every run. */
export const VERSION = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    readonly version: string;
  }
).version;
