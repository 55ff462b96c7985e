import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** 128 random bits, as 22 characters that need no quoting anywhere. */
export function createSecret(): string {
  return randomBytes(16).toString('base64url');
}

/** Takes as long wherever two texts differ; digests, because the comparison wants equal lengths. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
