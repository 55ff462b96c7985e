import { PATHS } from '../../devices/transports/browser/page-messages.ts';

/** `unreachable`: nobody answers; that may change. */
export type Admission = 'welcome' | 'used' | 'refused' | 'unreachable';

/**
 * Shows the server the token of the address that this page was opened by, which lets this browser in once and for
 * all, and takes it out of the address: from there on a cookie, which no script sees, says who we are.
 */
export async function enter(): Promise<Admission> {
  const token = location.hash.slice(1);
  if (token === '') return admission(() => fetch(PATHS.session));
  const admitted = await admission(() => fetch(PATHS.session, { method: 'POST', body: token }));
  if (admitted === 'welcome') history.replaceState(null, '', '/');
  return admitted;
}

async function admission(ask: () => Promise<Response>): Promise<Admission> {
  try {
    const response = await ask();
    if (response.ok) return 'welcome';
    return (await response.text()) === 'used' ? 'used' : 'refused';
  } catch {
    return 'unreachable';
  }
}
