import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, NasError } from '../base/errors.ts';
import { writeWholeFile } from '../files/write-whole-file.ts';
import { decodeSafetensors, encodeSafetensors, type Safetensors } from './safetensors.ts';

/** Reads a safetensors file. */
export function readSafetensors(path: string): Safetensors {
  return decodeSafetensors(bytesOf(path), path);
}

/** Writes a safetensors file so that it is whole or as before, whenever the machine stops. */
export function writeSafetensors(path: string, content: Safetensors): void {
  writeWholeFile(path, encodeSafetensors(content));
}

/** Keeps weights in a folder, under the SHA-256 of their file, and gives the path. */
export function keepWeights(folder: string, tensors: Safetensors['tensors']): string {
  const bytes = Buffer.from(encodeSafetensors({ tensors, metadata: {} }));
  const path = join(folder, `${createHash('sha256').update(bytes).digest('hex')}.safetensors`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  writeWholeFile(path, bytes);
  return path;
}

/** SHA-256 of a file. */
export function digestOfFile(path: string): string {
  return createHash('sha256').update(bytesOf(path)).digest('hex');
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new NasError(path, {
      found: `cannot be read (${messageOf(cause)})`,
      expected: 'a safetensors file',
      cause,
    });
  }
}
