import { afterAll, beforeAll, describe } from 'vitest';
import {
  type BrowserTransport,
  openBrowserTransport,
} from '../../../src/devices/transports/browser/browser-transport.ts';
import { describeRunner } from '../contracts/runner.ts';
import { type Browser, NO_CHROMIUM, NO_GPU, SOFTWARE_GPU, startChromium } from './chromium.ts';

/** One page runs all of a runner's tests, one after the other. */
function describePageRunner(runtime: string, flags: readonly string[]): void {
  describe('in a page', () => {
    let transport: BrowserTransport | undefined;
    let browser: Browser | undefined;

    beforeAll(async () => {
      if (NO_CHROMIUM !== undefined) return;
      transport = await openBrowserTransport({ patienceMs: 20_000 });
      browser = await startChromium(flags);
      await browser.open(transport.urls[0]);
    });

    afterAll(async () => {
      await transport?.close();
      await browser?.close();
    });

    const start: Parameters<typeof describeRunner>[1] = () => {
      if (transport === undefined) throw new Error('no page');
      return transport.start([runtime]);
    };
    describeRunner(runtime, start, NO_CHROMIUM);
  });
}

describePageRunner('litert', NO_GPU);
describePageRunner('litert-webgpu', SOFTWARE_GPU);
