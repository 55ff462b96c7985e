import { NasError } from '../../../base/errors.ts';
import { readTable } from '../../../devices/table-file.ts';
import { distinctKernels, type Kernel } from '../../../graph/fusion.ts';
import type { Graph } from '../../../graph/graph.ts';
import { parseTable } from '../../../latency/parse-table.ts';
import type { LatencyTable } from '../../../latency/table.ts';
import { explanationDocument, explanationReport } from '../../../report/explanation.ts';
import { encode } from '../../../space/encode.ts';
import { kernelsOfSpace } from '../../../space/kernels.ts';
import { buildGraph } from '../../../space/network.ts';
import type { SearchSpace } from '../../../space/search-space.ts';
import { type DeviceOptions, withDevice } from '../../device-options.ts';
import { type ExplainedNetwork, explainedNetwork } from '../../explained-network.ts';
import { resolveNetwork } from '../../networks.ts';
import { print, printJson } from '../../output.ts';
import { prepareTable } from '../../prepare.ts';
import { readRuns } from '../../read-runs.ts';
import { readSpace } from '../../space-files.ts';
import { findTrial, isTrialReference, spaceOf } from '../../stored-runs.ts';
import { doWork } from '../../work.ts';

export interface ExplainOptions extends DeviceOptions {
  readonly table?: string;
  readonly space?: string;
  readonly json?: true;
}

interface Subject extends Omit<ExplainedNetwork, 'reference'> {
  /** That of the run. */
  readonly table: LatencyTable | undefined;
}

/** What `nas explain NET` prints. */
export async function explainNetwork(reference: string, options: ExplainOptions): Promise<void> {
  const subject = isTrialReference(reference)
    ? trialSubject(reference, options)
    : networkSubject(reference, options);
  const graph = buildGraph(subject.architecture);
  const table =
    options.table === undefined
      ? (subject.table ?? (await measuredTable(graph, subject.space, options)))
      : readTable(options.table);
  // What was measured was measured on the run's device, whatever table is looked into now.
  const measured = options.table === undefined ? subject.measured : undefined;
  const explanation = explainedNetwork({ ...subject, reference, measured }, table);
  if (options.json) printJson(explanationDocument(explanation));
  else print(explanationReport(explanation));
}

function trialSubject(reference: string, { space: named }: ExplainOptions): Subject {
  if (named !== undefined) {
    throw new NasError('--space', {
      found: `another space than that of ${reference}`,
      expected: 'none: the run knows its space',
    });
  }
  return readRuns((store) => {
    const { run, trial } = findTrial(store, reference);
    const space = spaceOf(run);
    return {
      architecture: space.decode(trial.genotype),
      space,
      genotype: trial.genotype,
      table: parseTable(run.table, `run ${run.id}: latency table`),
      measured: store
        .measurements(run.id)
        .find((found) => found.trial === trial.number && found.device === undefined),
    };
  });
}

function networkSubject(reference: string, { space: named }: ExplainOptions): Subject {
  const architecture = resolveNetwork(reference);
  const nothing = { table: undefined, measured: undefined };
  if (named === undefined) return { architecture, space: undefined, genotype: undefined, ...nothing };
  const { space } = readSpace(named);
  const genotype = encode(space, buildGraph(architecture));
  if (genotype === undefined) {
    throw new NasError(reference, {
      found: `not a network of ${space.name}`,
      expected: 'one that its choices can make',
      next: `leave --space away; nas spaces show ${named} lists the choices`,
    });
  }
  return { architecture, space, genotype, ...nothing };
}

/** The table of the device, with the kernels of the network and of what its decisions could make of it. */
function measuredTable(
  graph: Graph,
  space: SearchSpace | undefined,
  options: DeviceOptions,
): Promise<LatencyTable> {
  const kernels = new Map<string, Kernel>();
  for (const kernel of [...distinctKernels([graph]), ...(space === undefined ? [] : kernelsOfSpace(space))]) {
    kernels.set(kernel.signature, kernel);
  }
  return doWork((work) =>
    withDevice(
      options,
      work,
      async (device) => (await prepareTable(device, [...kernels.values()], [], work)).table,
    ),
  );
}
