import type { Command } from 'commander';
import { messageOf, NasError } from '../../base/errors.ts';
import { writeWholeFile } from '../../files/write-whole-file.ts';
import { htmlReport } from '../../report/html-report.ts';
import { pageBundle } from '../../web/review/server/app-files.ts';
import { printJson } from '../output.ts';
import { reportDocuments } from '../review/report-documents.ts';

/** As many runs as a comparison takes. */
const MOST_RUNS = 8;

export function addReport(program: Command): void {
  program
    .command('report')
    .description('Runs as one HTML file, which opens offline and can be mailed')
    .argument('<runs...>', 'one or more, such as r1; nas runs lists them')
    .option('-o, --output <file>', 'the file to write', 'report.html')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
It has the pages of nas ui: the runs, the networks of their fronts and those that were measured, the latency tables.

Examples:
  $ nas report r1
  $ nas report r1 r2 -o comparison.html`,
    )
    .action((ids: readonly string[], { output, json }: { readonly output: string; readonly json?: true }) => {
      const runs = [...new Set(ids)];
      if (runs.length > MOST_RUNS) {
        throw new NasError('nas report', { found: `${runs.length} runs`, expected: `${MOST_RUNS} at most` });
      }
      const report = reportDocuments(runs);
      const html = htmlReport(report, pageBundle());
      try {
        writeWholeFile(output, html);
      } catch (cause) {
        throw new NasError(output, { found: `cannot be written (${messageOf(cause)})`, cause });
      }
      const pages = Object.keys(report.documents).length;
      const bytes = Buffer.byteLength(html);
      if (json) printJson({ file: output, runs, pages, bytes });
      else process.stderr.write(`${output}: ${pages} pages, ${(bytes / 2 ** 20).toFixed(1)} MiB\n`);
    });
}
