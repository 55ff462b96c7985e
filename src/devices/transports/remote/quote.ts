/**
 * An argument vector as one string for a POSIX shell: adb and ssh both hand such a string to a shell at the other
 * end. Between single quotes every character is itself but the single quote.
 */
export function quote(argv: readonly string[]): string {
  return argv.map((argument) => `'${argument.replaceAll("'", "'\\''")}'`).join(' ');
}
