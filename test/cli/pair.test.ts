import { Command } from 'commander';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { browserPageNamed } from '../../src/cli/browser-page.ts';
import { addPair } from '../../src/cli/commands/pair.ts';
import { NO_CHROMIUM, startChromium } from '../devices/browser/chromium.ts';

let stdout = '';
let stderr = '';

beforeEach(() => {
  stdout = '';
  stderr = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    stdout += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    stderr += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function pair(...options: string[]): Promise<void> {
  const devices = new Command('devices').exitOverride();
  addPair(devices);
  for (const command of devices.commands) command.exitOverride();
  await devices.parseAsync(['pair', ...options], { from: 'user' });
}

test('pair tells where the page is, and what opens it', async (context) => {
  if (NO_CHROMIUM !== undefined) context.skip(NO_CHROMIUM);
  const browser = await startChromium();
  try {
    const paired = pair('--json', '--timeout', '60');
    await expect.poll(() => stderr).toContain('http://');
    // Of no use to another machine: no code to scan.
    expect(stderr).not.toContain('█');
    await browser.open(/http:\S+/.exec(stderr)?.[0] ?? '');
    await paired;
    expect(JSON.parse(stdout)).toMatchObject({
      device: 'linux-chrome',
      runtime: 'litert',
      medianMs: expect.any(Number),
      page: { cores: expect.any(Number), simd: true, threads: true, gpu: null, runtimes: ['litert'] },
    });
    expect(stderr).toMatch(
      /connected: Linux Chrome, .* cores, WebAssembly with relaxed SIMD and threads, no WebGPU/,
    );
  } finally {
    await browser.close();
  }
});

test('pair gives up when its time is over', async () => {
  await expect(pair('--timeout', '1')).rejects.toThrow(/no page has connected for 1 s/);
});

test.each([
  [['--lan', '--adb', 'X'], /--lan and --adb; expected one of them/],
  [['--port', '70000'], /Expected a whole number from 1 to 65535/],
])('pair %j is refused', async (options, message) => {
  await expect(pair(...options)).rejects.toThrow(message);
});

test('a device may be named browser', () => {
  expect(browserPageNamed('browser')).toEqual({ timeout: 300 });
  expect(browserPageNamed('browser:lan')).toEqual({ timeout: 300, lan: true });
  expect(browserPageNamed('browser:adb:R58M')).toEqual({ timeout: 300, adb: 'R58M' });
  for (const other of ['local', 'adb:R58M', 'browser:', 'browser:adb:', 'browser:adb:-x'])
    expect(browserPageNamed(other)).toBeUndefined();
});
