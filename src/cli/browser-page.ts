import { type Command, InvalidArgumentError } from 'commander';
import { EVERY_NETWORK, isLoopback } from '../devices/transports/browser/addresses.ts';
import {
  type BrowserTransport,
  openBrowserTransport,
} from '../devices/transports/browser/browser-transport.ts';
import { describePage } from '../devices/transports/browser/describe-page.ts';
import { openOnPhone } from '../devices/transports/browser/open-on-phone.ts';
import type { Page } from '../devices/transports/browser/page-messages.ts';
import { qrCode } from '../report/qr-code.ts';
import { positiveInteger } from './option-values.ts';

/** The options with which a user says how a browser gets to the page. */
export interface BrowserPageOptions {
  readonly lan?: true;
  readonly host?: string;
  readonly port?: number;
  /** Serial of a phone on a cable. */
  readonly adb?: string;
  /** Seconds. */
  readonly timeout: number;
}

/** The options of a command that was not told of any. */
const DEFAULT_PAGE: BrowserPageOptions = { timeout: 300 };

/** What `--device` says of a browser: `browser`, `browser:lan`, `browser:adb:SERIAL`; `undefined` of anything else. */
export function browserPageNamed(device: string): BrowserPageOptions | undefined {
  if (device === 'browser') return DEFAULT_PAGE;
  if (device === 'browser:lan') return { ...DEFAULT_PAGE, lan: true };
  const adb = /^browser:adb:([^\s-]\S*)$/.exec(device)?.[1];
  return adb === undefined ? undefined : { ...DEFAULT_PAGE, adb };
}

export function addBrowserPageOptions(command: Command): Command {
  return command
    .option('--lan', 'serve the page to every network that this machine is on')
    .option('--host <address>', 'serve the page at this address of this machine (default: 127.0.0.1)')
    .option('--port <number>', 'port of the page (default: any that is free)', portNumber)
    .option(
      '--adb <serial>',
      'open the page on the phone at this cable, which reaches it through adb reverse',
    )
    .option(
      '--timeout <seconds>',
      'longest wait for the page, the first time and when it is gone',
      positiveInteger,
      DEFAULT_PAGE.timeout,
    );
}

/**
 * Serves the page and invites a browser: prints the address, with a QR code where other machines can reach it, or
 * opens it on the phone by itself. `tell` is given lines for the person.
 */
export async function inviteBrowser(
  { lan, host = lan ? EVERY_NETWORK : undefined, port, adb, timeout }: BrowserPageOptions,
  tell: (line: string) => void,
): Promise<BrowserTransport> {
  const transport = await openBrowserTransport({
    ...{ host, port },
    patienceMs: 1000 * timeout,
    onPage: (page) => tell(`browser  connected: ${summary(page)}`),
    onGone: (why) => tell(`browser  the page is gone${why === '' ? '' : ` (${why})`}; waiting for it`),
  });
  if (adb === undefined) {
    for (const line of invitation(transport)) tell(line);
    return transport;
  }
  try {
    const phone = await openOnPhone(adb, { url: transport.urls[0], port: transport.port });
    tell(`browser  the page opens on ${adb}; unlock it`);
    return {
      ...transport,
      async close() {
        await transport.close();
        await phone.close();
      },
    };
  } catch (thrown) {
    await transport.close();
    throw thrown;
  }
}

function invitation({ urls: [url, ...others] }: BrowserTransport): readonly string[] {
  const open = `browser  open ${url}`;
  if (isLoopback(new URL(url).hostname)) {
    return [open, '         on this machine; a phone gets there by --adb SERIAL on a cable, or --lan'];
  }
  const elsewhere = others.filter((each) => !isLoopback(new URL(each).hostname));
  return [
    qrCode(url),
    open,
    ...elsewhere.map((each) => `         or   ${each}`),
    '         the link lets one browser in, once; it goes over the network as it is, so use one you trust',
  ];
}

function summary(page: Page): string {
  const { name, operatingSystem } = describePage(page);
  const { cores, relaxedSimd, simd, threads, gpu, tickUs } = page;
  const vectors = relaxedSimd ? 'relaxed SIMD' : simd ? 'SIMD' : 'no SIMD';
  return [
    name,
    operatingSystem,
    `${cores} cores`,
    `WebAssembly with ${vectors}${threads ? ' and threads' : ''}`,
    gpu === null ? 'no WebGPU' : `WebGPU on ${gpu}`,
    `clock of ${Math.round(tickUs)} us`,
  ].join(', ');
}

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port > 0 && port < 65536) return port;
  throw new InvalidArgumentError('Expected a whole number from 1 to 65535.');
}
