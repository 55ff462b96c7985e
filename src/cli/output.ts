import type { Command } from 'commander';
import { printable } from '../base/printable.ts';

/** Results, on stdout. Progress and messages go to stderr. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** The one JSON document of `--json`. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** Whether `--json` was given to a sub-command or to the command it belongs to, before or after its name. */
export function wantsJson(command: Command): boolean {
  return command.optsWithGlobals<{ json?: true }>().json === true;
}
