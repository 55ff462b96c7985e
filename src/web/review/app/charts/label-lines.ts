/** Letters of a line that is not broken for being long: the longest names of blocks. */
const COMFORTABLE = 17;

/**
 * A label in at most `most` lines, broken behind spaces and hyphens: together they are the label. They are as short as
 * that allows, but not shorter than is comfortable; a longer word has a line of its own.
 */
export function labelLines(text: string, most: number): readonly string[] {
  const words = text.split(/(?<=[ -])/);
  let letters = COMFORTABLE;
  let lines = broken(words, letters);
  while (lines.length > Math.max(1, most)) {
    letters++;
    lines = broken(words, letters);
  }
  return lines;
}

function broken(words: readonly string[], letters: number): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && (last + word).trimEnd().length <= letters)
      lines[lines.length - 1] = last + word;
    else lines.push(word);
  }
  return lines;
}
