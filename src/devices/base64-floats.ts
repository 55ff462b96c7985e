/*
 * Numbers and files as text, alike in Node and in browsers: `Buffer` is of the one, `Uint8Array.fromBase64` not yet of
 * all of the others.
 */

/** Bytes that a call of `String.fromCharCode` takes. */
const CHUNK = 0x8000;

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  const decoded = atob(text);
  const bytes = new Uint8Array(decoded.length);
  for (let i = 0; i < decoded.length; i++) bytes[i] = decoded.charCodeAt(i);
  return bytes;
}

/** float32, little-endian, as all machines are that runners run on. */
export function floatsToBase64(values: Float32Array): string {
  return toBase64(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
}

/** What is left over of a number that is cut off is dropped. */
export function floatsFromBase64(text: string): Float32Array {
  const { buffer, byteLength } = fromBase64(text);
  return new Float32Array(buffer, 0, Math.floor(byteLength / 4));
}
