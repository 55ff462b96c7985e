import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Digest of a file's content in hexadecimal, without holding the file in memory. */
export async function digestOfFile(path: string, algorithm: 'sha256' | 'sha512'): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk);
  return hash.digest('hex');
}

/** Whether a file has a pinned content: `sha256:…` or `sha512:…`. */
export async function hasDigest(path: string, digest: string): Promise<boolean> {
  const [algorithm, hex] = digest.split(':');
  return (await digestOfFile(path, algorithm === 'sha512' ? 'sha512' : 'sha256')) === hex;
}
