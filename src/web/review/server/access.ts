import { createSecret, equalSecrets } from '../../../base/secret.ts';

/**
 * Lets in who knows the token, which goes to the person as a link. It buys a session, a cookie that no script sees, so
 * that the token stands in no later address. The same link lets further browsers in: a phone beside a notebook.
 */
export interface Access {
  /** 128 random bits, as 22 characters that need no quoting anywhere. */
  readonly token: string;
  /** The session for a token; `undefined` for anything else. */
  redeem(shown: string): string | undefined;
  holds(session: string | undefined): boolean;
}

export function createAccess(): Access {
  const token = createSecret();
  const session = createSecret();
  return {
    token,
    redeem: (shown) => (equalSecrets(shown, token) ? session : undefined),
    holds: (shown) => equalSecrets(shown ?? '', session),
  };
}
