import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

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
  const token = secret();
  const session = secret();
  return {
    token,
    redeem: (shown) => (equal(shown, token) ? session : undefined),
    holds: (shown) => equal(shown ?? '', session),
  };
}

function secret(): string {
  return randomBytes(16).toString('base64url');
}

/** Takes as long wherever two texts differ; digests, because the comparison wants equal lengths. */
function equal(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
