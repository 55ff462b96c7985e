import { basename } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { z } from 'zod';
import { systemClock } from '../../../base/clock.ts';
import { NasError } from '../../../base/errors.ts';
import { listOf } from '../../../base/parse.ts';
import { printable } from '../../../base/printable.ts';
import { DTYPES, type Dtype } from '../../../devices/runner-protocol.ts';
import { tablePath, writeTable } from '../../../devices/table-file.ts';
import { TIME_UNITS, type TimeUnit } from '../../../latency/formats/fields.ts';
import { TABLE_FORMATS, type TableFormatName } from '../../../latency/formats/index.ts';
import { type ImportedKernels, importKernels } from '../../../latency/import-kernels.ts';
import type { ImportedProvenance } from '../../../latency/table.ts';
import { LATENCY_TABLES } from '../../folders.ts';
import { type ImportFile, readImportFile } from '../../import-files.ts';
import { positiveInteger } from '../../option-values.ts';
import { print, printJson, wantsJson } from '../../output.ts';
import { VERSION } from '../../version.ts';

interface ImportOptions {
  readonly format: TableFormatName;
  readonly device: string;
  readonly runtime: string;
  readonly runtimeVersion?: string;
  readonly processor?: string;
  readonly operatingSystem?: string;
  readonly dtype: Dtype;
  readonly threads: number;
  readonly measuredAt?: string;
  readonly unit?: TimeUnit;
  readonly skipUnknown?: true;
  readonly force?: true;
}

const FORMAT_NAMES = Object.keys(TABLE_FORMATS) as TableFormatName[];

export function addImport(tables: Command): void {
  tables
    .command('import')
    .description('Take over latencies that another program measured, as a table of their own')
    .argument('<files...>', 'of one format; together they are one table')
    .addOption(new Option('--format <name>', 'of the files').choices(FORMAT_NAMES).makeOptionMandatory())
    .requiredOption('--device <name>', 'what was measured: lower-case words and dashes', nameOf)
    .requiredOption('--runtime <name>', 'what ran the networks: lower-case words and dashes', nameOf)
    .option('--runtime-version <text>', 'its version')
    .option('--processor <text>', 'of the device')
    .option('--operating-system <text>', 'of the device')
    .addOption(
      new Option('--dtype <format>', 'of weights and activations').choices(DTYPES).default('float32'),
    )
    .option('--threads <count>', 'threads of the runtime', positiveInteger, 1)
    .option('--measured-at <date>', 'when, such as 2019-03-01', dateOf)
    .addOption(
      new Option('--unit <unit>', 'of times whose unit the file does not say').choices(
        Object.keys(TIME_UNITS),
      ),
    )
    .option('--skip-unknown', 'leave out rows that cannot be understood, and list them')
    .option('--force', 'replace a table that is there already')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Formats:
${FORMAT_NAMES.map((name) => `  ${name.padEnd(13)}${TABLE_FORMATS[name].description}`).join('\n')}

Measured kernels are never added to an imported table.

Examples:
  $ nas tables import mobile_trim.yaml --format proxylessnas --device pixel-1 --runtime tflite
  $ nas tables import conv.json profiled_conv.json --format nn-meter --device pixel-4 --runtime tflite
  $ nas tables import blocks.csv --format fbnet --device galaxy-s8 --runtime caffe2 --dtype int8 --unit us`,
    )
    .action((paths: readonly string[], options: ImportOptions, command: Command) => {
      const files = paths.map(readImportFile);
      const { read } = TABLE_FORMATS[options.format];
      const imported = importKernels(read(files, { unit: options.unit }), {
        skipUnknown: options.skipUnknown === true,
      });
      if (imported.kernels.size === 0) {
        throw new NasError(paths.join(', '), {
          found: `no row that could be understood as ${options.format}${imported.rows > 0 ? `, of ${imported.rows}` : ''}`,
          expected: TABLE_FORMATS[options.format].description,
          next: `nas tables import --help lists the formats: ${listOf(FORMAT_NAMES)}`,
        });
      }
      const provenance = provenanceOf(files, options);
      const table = tablePath(LATENCY_TABLES, provenance);
      const { kernels } = imported;
      writeTable(table, { provenance, kernels, calibration: undefined }, { replace: options.force === true });
      report(table, imported, wantsJson(command));
    });
}

function provenanceOf(files: readonly ImportFile[], options: ImportOptions): ImportedProvenance {
  const { device, runtime, dtype, threads, format } = options;
  const { processor = null, runtimeVersion = null, operatingSystem = null, measuredAt = null } = options;
  return {
    ...{ device, processor, runtime, runtimeVersion, dtype, threads },
    ...{ core: null, governor: null, operatingSystem, measuredAt, nasVersion: VERSION },
    imported: {
      format,
      statistic: TABLE_FORMATS[format].statistic,
      files: files.map(({ where, sha256 }) => ({ name: basename(where), sha256 })),
      importedAt: systemClock.timestamp(),
    },
  };
}

/** Unknown rows shown to people; `--json` has them all. */
const UNKNOWN_SHOWN = 20;

function report(table: string, imported: ImportedKernels, json: boolean): void {
  const { kernels, sequences, rows, repeated, empty, unknown } = imported;
  if (json) {
    printJson({
      ...{ table, rows, kernels: kernels.size, sequences, repeated, empty },
      unknown: unknown.map(({ where, found, expected = null }) => ({ where, found, expected })),
    });
    return;
  }
  for (const { message } of unknown.slice(0, UNKNOWN_SHOWN)) {
    process.stderr.write(`left out ${printable(message)}\n`);
  }
  if (unknown.length > UNKNOWN_SHOWN) {
    process.stderr.write(`left out ${unknown.length - UNKNOWN_SHOWN} more\n`);
  }
  const notes = [
    ...(sequences > 0 ? [`${sequences} of them several in a row`] : []),
    ...(repeated > 0 ? [`${repeated} rows for a kernel that another row is for: their median`] : []),
    ...(empty > 0 ? [`${empty} rows for layers that do nothing`] : []),
    ...(unknown.length > 0 ? [`${unknown.length} rows left out`] : []),
  ];
  print([`${table}: ${kernels.size} kernels from ${rows} rows`, ...notes].join('; '));
  print(`nas estimate NETWORK --table ${table}`);
}

/** It becomes a folder or a file. */
function nameOf(text: string): string {
  if (/^[a-z0-9]+(-[a-z0-9]+)*$/.test(text) && text.length <= 100) return text;
  throw new InvalidArgumentError('Expected lower-case words and dashes, such as pixel-1.');
}

function dateOf(text: string): string {
  const timestamp = text.includes('T') ? text : `${text}T00:00:00.000Z`;
  if (z.iso.datetime().safeParse(timestamp).success) return timestamp;
  throw new InvalidArgumentError('Expected a date such as 2019-03-01.');
}
