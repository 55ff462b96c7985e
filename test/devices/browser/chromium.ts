import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Why tests that need a browser are skipped, if they are. */
export const NO_CHROMIUM = existsSync(CHROMIUM) ? undefined : 'no chromium: apt install chromium';

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const NO_GPU = ['--disable-gpu'];
/** WebGPU on a graphics processor made of software: slow, and right. */
export const SOFTWARE_GPU = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--use-vulkan=swiftshader',
  '--enable-features=Vulkan',
];

/** A browser of its own, which has never been anywhere. */
export interface Browser {
  open(url: string): Promise<Page>;
  close(): Promise<void>;
}

export async function startChromium(flags: readonly string[] = NO_GPU): Promise<Browser> {
  const folder = mkdtempSync(join(tmpdir(), 'nas-chromium-'));
  const context: BrowserContext = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    headless: true,
    args: [...FLAGS, ...flags],
    viewport: { width: 412, height: 915 },
  });
  return {
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return page;
    },
    async close() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
