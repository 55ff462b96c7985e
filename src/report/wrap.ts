/** Of a terminal that nobody has made wider. */
export const TERMINAL_COLUMNS = 80;

/** Prose in lines that fit a terminal; those after the first begin with `indent`. A longer word has a line of its own. */
export function wrap(text: string, indent = ''): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= TERMINAL_COLUMNS) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(last === undefined ? word : `${indent}${word}`);
  }
  return lines.join('\n');
}
