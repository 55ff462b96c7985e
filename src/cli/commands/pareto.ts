import { type Command, Option } from 'commander';
import { messageOf, NasError } from '../../base/errors.ts';
import { formatMs } from '../../base/units.ts';
import { writeWholeFile } from '../../files/write-whole-file.ts';
import type { ParetoPoint } from '../../objective/pareto.ts';
import { frontCsv } from '../../report/front-csv.ts';
import { frontDocument } from '../../report/front-document.ts';
import { frontPlot, plotSizeIn } from '../../report/front-plot.ts';
import { trialTable } from '../../report/trial-table.ts';
import { TERMINAL_COLUMNS, wrap } from '../../report/wrap.ts';
import type { BestTrial, StoredRun, TrialFigures } from '../../store/store.ts';
import { Interrupted, interruptSignal } from '../exit.ts';
import { print, printJson } from '../output.ts';
import { readRuns } from '../read-runs.ts';
import { deviceIndex, devicesOf } from '../run-devices.ts';
import { outlineOf } from '../run-outline.ts';

interface ParetoOptions {
  readonly device?: string;
  readonly csv?: string;
  readonly plot?: string;
  readonly watch?: true;
  readonly json?: true;
}

export function addPareto(program: Command): void {
  program
    .command('pareto')
    .description('The networks of a run that no other one beats in both accuracy and latency')
    .argument('<run>', 'such as r1; nas runs lists them')
    .option('--device <name>', 'of a run for several devices, the one to look at (default: the first)')
    .option('--csv <file>', 'write them to this file as CSV; - for stdout')
    .option('--plot <file>', 'draw all networks of the run, as .svg or .png')
    .addOption(
      new Option('--watch', 'follow a search that runs, until it is over').conflicts(['csv', 'plot', 'json']),
    )
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      '\nExamples:\n  $ nas pareto r1\n  $ nas pareto r1 --watch\n  $ nas pareto r1 --csv front.csv --plot front.svg',
    )
    .action(async (id: string, { device: name, csv, plot, watch, json }: ParetoOptions) => {
      if (watch) await follow(id, name);
      if (csv === '-' && json) {
        throw new NasError('--csv -', {
          found: '--json beside it',
          expected: 'one document on stdout',
          next: 'write the CSV to a file',
        });
      }
      // A document is of the front alone.
      const isDrawn = plot !== undefined || !(json || csv === '-');
      const found = readRuns((store) => {
        const run = store.run(id);
        const { targetsMs } = outlineOf(run.config);
        const { name: space } = run.space as { readonly name: string };
        const devices = devicesOf(run);
        const device = deviceIndex(run, name);
        return {
          run,
          space,
          devices,
          device,
          targetsMs,
          front: store.front(id, device),
          points: isDrawn ? store.points(id, device) : [],
          best: targetsMs.map((targetMs) => store.bestUnder(id, targetMs, device)),
        };
      });
      const { front } = found;
      if (plot !== undefined) await draw(plot, found);
      if (csv !== undefined && csv !== '-') write(csv, frontCsv(front));
      if (json) {
        printJson(frontDocument(front));
      } else if (csv === '-') process.stdout.write(frontCsv(front));
      else {
        // Reads the space's proxy, for which a document need not wait.
        const { proxyNoteOf } = await import('../proxy-note-of.ts');
        print(
          paretoReport(
            found,
            readRuns((store) => proxyNoteOf(found.run, store)),
          ),
        );
      }
    });
}

/** Shows the run as it grows, on stdout: it is what the command is asked for. */
async function follow(id: string, name: string | undefined): Promise<void> {
  const device = readRuns((store) => deviceIndex(store.run(id), name));
  const [{ watchRun }, { createProgress }] = await Promise.all([
    import('../watched-run.ts'),
    import('../../report/progress.ts'),
  ]);
  const signal = interruptSignal(() => {});
  try {
    await watchRun(id, device, createProgress(process.stdout), signal);
  } catch (error) {
    throw signal.aborted ? new Interrupted('') : error;
  }
}

interface Found {
  readonly run: StoredRun;
  readonly space: string;
  readonly devices: readonly string[];
  /** Which of them. */
  readonly device: number;
  readonly targetsMs: readonly number[];
  readonly front: readonly TrialFigures[];
  /** All networks, where they are drawn. */
  readonly points: readonly ParetoPoint[];
  /** Under each of the targets. */
  readonly best: readonly (BestTrial | undefined)[];
}

function paretoReport({ run, devices, device, targetsMs, front, points, best }: Found, note: string): string {
  if (points.length === 0) {
    return `${run.id} has no completed trial yet; it is ${run.state}`;
  }
  const mark = ({ number }: TrialFigures): string => {
    const own = best.find((found) => found?.number === number);
    if (own === undefined) return '';
    return own.measuredMs === null ? '← best, not measured' : `← best, measured ${formatMs(own.measuredMs)}`;
  };
  const { columns = TERMINAL_COLUMNS } = process.stdout;
  const size = plotSizeIn({ columns, rows: Number.POSITIVE_INFINITY }, { width: 66, height: 14 });
  return [
    frontPlot(points, targetsMs, size, front),
    '',
    trialTable(front, mark, columns),
    '',
    ...[
      `${front.length} of ${points.length} networks; latencies are estimated from the kernels' table unless called measured`,
      ...(devices.length > 1
        ? [`on ${devices[device]}, one of ${devices.length} devices: --device ${devices.join(' or ')}`]
        : []),
      ...note.split('\n'),
    ].map((line) => wrap(line, '  ', columns)),
  ].join('\n');
}

/** What draws is large, and loaded for it alone. */
async function draw(file: string, { run, space, devices, device, targetsMs, points }: Found): Promise<void> {
  const [{ frontDrawing }, { writeImage }] = await Promise.all([
    import('../../report/front-drawing.ts'),
    import('../write-image.ts'),
  ]);
  const title = `${run.id}: networks of ${space} on ${devices[device]}`;
  await writeImage(file, frontDrawing({ title, points, targetsMs }));
  process.stderr.write(`${file}: ${points.length} networks drawn\n`);
}

function write(file: string, text: string): void {
  try {
    writeWholeFile(file, text);
  } catch (cause) {
    throw new NasError(file, { found: `cannot be written (${messageOf(cause)})`, cause });
  }
  process.stderr.write(`${file}: written\n`);
}
