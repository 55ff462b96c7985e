import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { messageOf, NasError } from '../../../base/errors.ts';
import { readTable } from '../../../devices/table-file.ts';
import { writeWholeFile } from '../../../files/write-whole-file.ts';
import { printKernelCsv } from '../../../latency/formats/kernel-csv.ts';
import { LATENCY_TABLES } from '../../folders.ts';
import { print, printJson, wantsJson } from '../../output.ts';

interface ExportOptions {
  readonly output?: string;
}

export function addExport(tables: Command): void {
  tables
    .command('export')
    .description('The kernels of a table as CSV (RFC 4180), with what they are and their times in columns')
    .argument('<table>', 'file, or DEVICE/RUNTIME below latency-tables/')
    .option('-o, --output <file>', 'write the CSV to this file instead of stdout')
    .option('--json', 'print one JSON document: the CSV stands in it where no file was named')
    .addHelpText('after', '\nExample:\n  $ nas tables export my-phone/xnnpack -o kernels.csv')
    .action((reference: string, { output }: ExportOptions, command: Command) => {
      const table = existsSync(reference) ? reference : join(LATENCY_TABLES, `${reference}.json`);
      const { kernels } = readTable(table);
      const csv = printKernelCsv(kernels.values());
      if (output !== undefined) write(output, csv);
      if (wantsJson(command)) {
        printJson({
          table,
          kernels: kernels.size,
          file: output ?? null,
          csv: output === undefined ? csv : null,
        });
      } else if (output === undefined) process.stdout.write(csv);
      else print(`${output}: ${kernels.size} kernels of ${table}`);
    });
}

function write(file: string, text: string): void {
  try {
    writeWholeFile(file, text);
  } catch (cause) {
    throw new NasError(file, { found: `cannot be written (${messageOf(cause)})`, cause });
  }
}
