import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Browser } from '../../devices/browser/chromium.ts';

/** Of a machine that does much else. */
const PATIENCE_MS = 300_000;

/** A page of a browser, and what it complained of. */
export interface WatchedPage {
  readonly page: Page;
  /** Goes to a page of the app and waits until it is whole. */
  go(address: string): Promise<void>;
  /** Messages of the console, errors and requests that went elsewhere or failed. */
  readonly complaints: string[];
}

export type Look = readonly [width: number, height: number, scheme: 'light' | 'dark'];

/** `home` is where the app is: of a server, or the file of a report. */
export async function watchedPage(
  browser: Browser,
  home: string,
  [width, height, colorScheme]: Look = [1280, 900, 'light'],
): Promise<WatchedPage> {
  const page = await browser.open('about:blank');
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewportSize({ width, height });
  await page.emulateMedia({ colorScheme });
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const url = request.url();
    const isOurs = url.startsWith(home.split('#')[0] ?? home) || /^(data|blob):/.test(url);
    if (!isOurs) complaints.push(`asked ${url}`);
  });
  const go = async (address: string): Promise<void> => {
    await page.goto(`${home}#/${address}`);
    await whole(page);
  };
  return { page, go, complaints };
}

/** Until everything that the page shows has been read. */
export async function whole(page: Page): Promise<void> {
  await page.locator('main h1').first().waitFor();
  await expect
    .poll(() => page.getByText('Reading…', { exact: true }).count(), { timeout: PATIENCE_MS })
    .toBe(0);
}

/** What axe-core calls serious or worse. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const { axe: here } = globalThis as unknown as {
      axe: {
        run(): Promise<{
          violations: readonly { impact: string; id: string; nodes: readonly { html: string }[] }[];
        }>;
      };
    };
    const { violations } = await here.run();
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
  });
}

/** The marks of the front, as they are drawn. */
export function drawnFront(page: Page) {
  return page.locator('a[data-mark]').evaluateAll((links) =>
    links.map((link) => ({
      trial: Number(link.getAttribute('data-mark')?.replace('trial-', '')),
      x: Number(link.querySelector('circle')?.getAttribute('cx')),
      y: Number(link.querySelector('circle')?.getAttribute('cy')),
    })),
  );
}
