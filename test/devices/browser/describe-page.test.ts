import { expect, test } from 'vitest';
import { describePage } from '../../../src/devices/transports/browser/describe-page.ts';
import { somePage } from './some-page.ts';

const ANDROID = 'AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [
    'Chrome on Android tells its model on request alone',
    {
      userAgent: `Mozilla/5.0 (Linux; Android 10; K) ${ANDROID} Chrome/131.0.0.0 Mobile Safari/537.36`,
      platform: 'Android',
      platformVersion: '14.0.0',
      model: 'Pixel 7',
    },
    { name: 'Pixel 7', processor: 'Pixel 7 (8 cores)', operatingSystem: 'Android 14.0.0, Chrome 131.0.0.0' },
  ],
  [
    'Chrome on a connection it does not trust tells none',
    { userAgent: `Mozilla/5.0 (Linux; Android 10; K) ${ANDROID} Chrome/131.0.0.0 Mobile Safari/537.36` },
    { name: 'Android Chrome', operatingSystem: 'Android 10, Chrome 131.0.0.0' },
  ],
  [
    'an old Android browser',
    {
      userAgent: `Mozilla/5.0 (Linux; Android 9; SM-G960F Build/PPR1.180610.011) ${ANDROID} SamsungBrowser/10.1 Chrome/71.0.3578.99 Mobile Safari/537.36`,
    },
    { name: 'SM-G960F', operatingSystem: 'Android 9, Samsung Internet 10.1' },
  ],
  [
    'Firefox on Android',
    { userAgent: 'Mozilla/5.0 (Android 13; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0' },
    { name: 'Android Firefox', operatingSystem: 'Android 13, Firefox 133.0' },
  ],
  [
    'Safari on an iPhone',
    {
      userAgent:
        'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    },
    { name: 'iPhone', operatingSystem: 'iOS 17.5, Safari 17.5' },
  ],
  [
    'Edge on Windows',
    {
      userAgent: `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${ANDROID} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0`,
    },
    { name: 'Windows Edge', operatingSystem: 'Windows 10.0, Edge 131.0.0.0' },
  ],
  [
    'something unheard of',
    { userAgent: 'curl/8' },
    { name: 'unknown unknown browser', operatingSystem: 'unknown system, unknown browser' },
  ],
])('%s', (_title, told, expected) => {
  expect(describePage({ ...somePage, ...told })).toMatchObject(expected);
});
