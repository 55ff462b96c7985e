import { stripVTControlCharacters } from 'node:util';

/** Of a terminal that nobody has made wider. */
export const TERMINAL_COLUMNS = 80;

/** Prose in lines that fit a terminal; those after the first begin with `indent`. A longer word has a line of its own. */
export function wrap(text: string, indent = '', columns = TERMINAL_COLUMNS): string {
  const lines: string[] = [];
  let used = 0;
  for (const word of text.split(' ')) {
    // Colours take no room.
    const { length } = stripVTControlCharacters(word);
    if (lines.length > 0 && used + 1 + length <= columns) {
      lines[lines.length - 1] += ` ${word}`;
      used += 1 + length;
    } else {
      const before = lines.length === 0 ? '' : indent;
      lines.push(before + word);
      used = before.length + length;
    }
  }
  return lines.join('\n');
}

/** The same for each line of a text. */
export function wrapLines(text: string, indent = '', columns = TERMINAL_COLUMNS): string {
  return text
    .split('\n')
    .map((line) => wrap(line, indent, columns))
    .join('\n');
}
