import { writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { messageOf, NasError } from '../base/errors.ts';

/** Twice the pixels of the drawing: sharp on a screen of today. */
const PNG_DENSITY = 144;

/** Writes a drawing as SVG or, where the file's name says so, as PNG. */
export async function writeImage(file: string, svg: string): Promise<void> {
  const isPng = file.endsWith('.png');
  if (!isPng && !file.endsWith('.svg')) {
    throw new NasError(file, { found: 'a name of another kind', expected: 'one that ends in .svg or .png' });
  }
  try {
    if (isPng) await sharp(Buffer.from(svg), { density: PNG_DENSITY }).png().toFile(file);
    else writeFileSync(file, svg);
  } catch (cause) {
    throw new NasError(file, { found: `cannot be written (${messageOf(cause)})`, cause });
  }
}
