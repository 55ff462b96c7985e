import { createSecret, equalSecrets } from '../../../base/secret.ts';

/**
 * Lets one browser in. The token, which goes to the person as a link, buys a session once; the session, which only
 * that browser gets to know, is what every later request shows. So a link that was seen by others is worth nothing
 * any more, while the page may be closed and opened again.
 */
export interface Pairing {
  /** 128 random bits, as 22 characters that need no quoting anywhere. */
  readonly token: string;
  /** The session for a token; `used` where it has bought one already, unless it is shown too. */
  redeem(token: string, session: string | undefined): Redeemed;
  holds(session: string | undefined): boolean;
}

type Redeemed =
  | { readonly state: 'welcome'; readonly session: string }
  | { readonly state: 'wrong' }
  | { readonly state: 'used' };

export function createPairing(): Pairing {
  const token = createSecret();
  const session = createSecret();
  let isUsed = false;
  const holds = (shown: string | undefined): boolean => isUsed && equalSecrets(shown ?? '', session);
  return {
    token,
    holds,
    redeem(shown, shownSession) {
      if (!equalSecrets(shown, token)) return { state: 'wrong' };
      if (isUsed && !holds(shownSession)) return { state: 'used' };
      isUsed = true;
      return { state: 'welcome', session };
    },
  };
}
