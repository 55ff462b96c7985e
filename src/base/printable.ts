const ESCAPE = String.fromCodePoint(0x1b);
/** Colours; and everything else that is no character: what moves the cursor, clears the screen, or turns the text around. */
const UNPRINTABLE = new RegExp(`${ESCAPE}\\[[\\d;]*m|[\\p{Cc}\\u202a-\\u202e\\u2066-\\u2069]`, 'gu');

/**
 * A text for a terminal, whatever devices, files and their names have put into it: control characters other than newline and
 * tab become `\u001b`, as JSON writes them. Colours stay.
 */
export function printable(text: string): string {
  return text.replaceAll(UNPRINTABLE, (found) => {
    if (found.length > 1 || found === '\n' || found === '\t') return found;
    return `\\u${(found.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  });
}
