import { NasError } from '../../../base/errors.ts';
import { adb } from '../adb/phones.ts';
import { quote } from '../remote/quote.ts';
import type { RunResult } from '../transport.ts';

export interface PhoneBrowser {
  /** Takes the way through the cable away again. */
  close(): Promise<void>;
}

type RunAdb = (...args: readonly string[]) => Promise<RunResult>;

/**
 * Opens a page of this machine in the browser of a phone on a cable. The phone reaches it as its own 127.0.0.1, so
 * nothing is served on any network; and that is an address which browsers trust, with all that comes with it: a fine
 * clock, WebGPU, a screen that stays on.
 */
export async function openOnPhone(
  serial: string,
  { url, port }: { readonly url: string; readonly port: number },
  run: RunAdb = adb,
): Promise<PhoneBrowser> {
  const tunnel = `tcp:${port}`;
  const must = async (doing: string, ...args: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await run('-s', serial, ...args);
    // `am` ends with 0 whatever happens.
    const complaint = /^Error.*$/m.exec(stdout)?.[0] ?? /^Error.*$/m.exec(stderr)?.[0];
    if (code === 0 && complaint === undefined) return;
    throw new NasError(`adb:${serial}`, {
      found: complaint ?? (stderr.split('\n').at(-1) || `adb ended with exit code ${code}`),
      expected: doing,
      next: 'unlock the phone and do the same again, or use --lan',
    });
  };
  await must('a way back through the cable', 'reverse', tunnel, tunnel);
  const close = async (): Promise<void> => {
    // The phone may have been unplugged, which takes it away as well.
    await run('-s', serial, 'reverse', '--remove', tunnel).catch(() => {});
  };
  try {
    const open = ['am', 'start', '-a', 'android.intent.action.VIEW', '-d', url];
    await must('a browser that opens the page', 'shell', quote(open));
    return { close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
