import type { Page } from '../../../src/devices/transports/browser/page-messages.ts';

export const somePage: Page = {
  kind: 'page',
  userAgent: 'Mozilla/5.0',
  platform: '',
  platformVersion: '',
  model: '',
  cores: 8,
  simd: true,
  relaxedSimd: true,
  threads: true,
  gpu: null,
  tickUs: 5,
  wakeLock: true,
  runtimes: ['litert'],
};
