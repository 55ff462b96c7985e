import pc from 'picocolors';
import { renderUnicodeCompact } from 'uqr';

/** A text as a QR code for a terminal, dark on light whatever the terminal's colours are. */
export function qrCode(text: string): string {
  return renderUnicodeCompact(text, { border: 2 })
    .split('\n')
    .map((line) => pc.bgBlack(pc.whiteBright(line)))
    .join('\n');
}
