import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openBrowserDevice } from '../../../src/devices/browser-device.ts';
import type { Device } from '../../../src/devices/device.ts';
import {
  type BrowserTransport,
  openBrowserTransport,
} from '../../../src/devices/transports/browser/browser-transport.ts';
import { distinctKernels } from '../../../src/graph/fusion.ts';
import { type Graph, GraphBuilder } from '../../../src/graph/graph.ts';
import { type Browser, NO_CHROMIUM, startChromium } from './chromium.ts';

let browser: Browser | undefined;
let transport: BrowserTransport | undefined;
let device: Device | undefined;
/** Why the page's connection has ended, each time. */
let losses: string[] = [];

beforeAll(async () => {
  if (NO_CHROMIUM === undefined) browser = await startChromium();
});
afterAll(() => browser?.close());
beforeEach((context) => {
  if (NO_CHROMIUM !== undefined) context.skip(NO_CHROMIUM);
});
afterEach(async () => {
  await device?.close();
  await transport?.close();
  device = undefined;
  losses = [];
});

const open = async (patienceMs = 30_000): Promise<BrowserTransport> => {
  transport = await openBrowserTransport({ patienceMs, onGone: (why) => losses.push(why) });
  return transport;
};
const there = (): Browser => {
  if (browser === undefined) throw new Error('no browser');
  return browser;
};

/** Some layers, each a kernel of its own. */
function network(): Graph {
  const b = new GraphBuilder();
  const x = b.input([16, 16, 8]);
  return b.build([1, 3, 5, 7].reduce((y, kernel) => b.convolution(y, 16, { kernel }), x));
}

describe('a page in Chromium', () => {
  test('is a device: kernels and a network are measured, and the person sees how far it is', async () => {
    const served = await open();
    const page = await there().open(served.urls[0]);
    device = await openBrowserDevice({ transport: served, nasVersion: '0' });
    expect(device.provenance).toMatchObject({
      device: 'linux-chrome',
      runtime: 'litert',
      dtype: 'float32',
      threads: 1,
      operatingSystem: expect.stringMatching(/^Linux, Chrome \d/),
    });
    const kernels = distinctKernels([network()]);
    const seen: string[] = [];
    for await (const { signature, medianMs } of device.measureKernels(kernels)) {
      expect(medianMs).toBeGreaterThan(0);
      seen.push(signature);
      // The page is told before the host goes on, and draws when it gets to it.
      const count = `${seen.length} of ${kernels.length} kernels`;
      await expect.poll(() => page.textContent('#count')).toBe(count);
    }
    expect(seen.toSorted()).toEqual(kernels.map(({ signature }) => signature).toSorted());
    const { medianMs, samples } = await device.measureNetwork(network());
    expect(medianMs).toBeGreaterThan(0);
    expect(samples).toBeGreaterThan(4);
    expect(await device.state()).toBe(null);
    await device.close();
    await expect.poll(() => page.textContent('#headline')).toBe('Done');
    await page.close();
  });

  test('may be closed in the middle and opened again: the measurement goes on', async () => {
    const served = await open();
    const url = served.urls[0];
    const page = await there().open(url);
    device = await openBrowserDevice({ transport: served, nasVersion: '0' });
    const kernels = distinctKernels([network()]);
    const seen: string[] = [];
    for await (const { signature } of device.measureKernels(kernels)) {
      seen.push(signature);
      if (seen.length > 1) continue;
      await page.close();
      // The same address again, as the phone has it in its history or before its camera.
      void sleep(200).then(() => there().open(url));
    }
    expect(losses).toHaveLength(1);
    expect(seen.toSorted()).toEqual(kernels.map(({ signature }) => signature).toSorted());
  });

  test('measures nothing while it is not in front', async () => {
    const served = await open();
    const page = await there().open(served.urls[0]);
    device = await openBrowserDevice({ transport: served, nasVersion: '0' });
    const show = (state: string): Promise<void> =>
      page.evaluate((visibility) => {
        const { document } = globalThis as unknown as { readonly document: EventTarget };
        Object.defineProperty(document, 'visibilityState', { value: visibility, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    const measured = device.measureNetwork(network());
    await show('hidden');
    await expect.poll(() => losses.length).toBe(1);
    expect(await page.textContent('#headline')).toBe('Paused');
    await show('visible');
    expect((await measured).medianMs).toBeGreaterThan(0);
    await page.close();
  });

  test('that nobody opens, or opens again, is given up', async () => {
    const served = await open(1_500);
    await expect(openBrowserDevice({ transport: served, nasVersion: '0' })).rejects.toThrow(
      /browser: no page has connected for 1.5 s/,
    );
    const again = await open(1_500);
    const page = await there().open(again.urls[0]);
    device = await openBrowserDevice({ transport: again, nasVersion: '0' });
    await page.close();
    await expect(device.measureNetwork(network())).rejects.toThrow(/no page has connected/);
  });

  test('is waited for no longer than Ctrl-C', async () => {
    const served = await open();
    const controller = new AbortController();
    const opening = openBrowserDevice({ transport: served, nasVersion: '0', signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(opening).rejects.toThrow('enough');
  });

  test('with a wrong token, or a link that was used, is told so and gets nothing', async () => {
    const served = await open();
    const url = served.urls[0];
    const wrong = await there().open(url.replace(/#.*/, '#AAAAAAAAAAAAAAAAAAAAAA'));
    await expect.poll(() => wrong.textContent('#headline')).toBe('This link is not valid');
    await there().open(url);
    await served.page();
    const other = await startChromium();
    const late = await other.open(url);
    await expect.poll(() => late.textContent('#headline')).toBe('This link was used before');
    await other.close();
    expect(losses).toEqual([]);
  });

  test('in a second tab takes over from the first', async () => {
    const served = await open();
    const first = await there().open(served.urls[0]);
    await served.page();
    const second = await there().open(served.urls[0]);
    await expect.poll(() => first.textContent('#headline')).toBe('Open in another tab');
    expect(await second.textContent('#headline')).toBe('Connected');
  });
});
