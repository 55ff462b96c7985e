#!/usr/bin/env node
import { CommanderError } from 'commander';
import pc from 'picocolors';
import { NasError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { diskTrouble } from './disk-trouble.ts';
import { EXIT, Interrupted } from './exit.ts';
import { createProgram } from './program.ts';

/** A reader that closes early (`nas cost NET | head`) is no fault of ours. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.done : EXIT.userError);
});

try {
  const program = await createProgram(process.argv.slice(2));
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  const write = (text: string): void => void process.stderr.write(`${printable(text)}\n`);
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.userError;
  if (error instanceof Interrupted) {
    if (error.message !== '') write(error.message);
    return EXIT.interrupted;
  }
  const explained = error instanceof NasError ? error : diskTrouble(error);
  if (explained !== undefined) {
    write(`${pc.red('error')} ${explained.message}`);
    if (explained.next !== undefined) write(`${pc.bold('next ')} ${explained.next}`);
  } else {
    write(`${pc.red('error')} a defect of nas: ${error instanceof Error ? error.message : String(error)}`);
    write(`${pc.bold('next ')} run again with NAS_DEBUG=1 and report what it prints`);
  }
  if (process.env.NAS_DEBUG && error instanceof Error) write(error.stack ?? '');
  return EXIT.userError;
}
