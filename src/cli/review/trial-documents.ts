import { explanationDocument } from '../../report/explanation.ts';
import { networkDiagram } from '../../report/pages/network-diagram.ts';
import type { TrialPage } from '../../report/pages/trial-page.ts';
import { trialDocument } from '../../report/trial-document.ts';
import { buildGraph } from '../../space/network.ts';
import type { Store } from '../../store/store.ts';
import { describedTrial } from '../described-trial.ts';
import { explainedNetwork } from '../explained-network.ts';
import { proxyNoteOf } from '../proxy-note-of.ts';
import { outlineOf } from '../run-outline.ts';
import { trialCommands } from './trial-commands.ts';

export function trialPageDocument(store: Store, id: string, number: number): TrialPage {
  const reference = `${id}/${number}`;
  const { run, space, tables, description } = describedTrial(store, reference);
  const { trial, devices, measurements, circumstances, failures, choices, kernels, intervalMs } = description;
  const [table] = tables;
  if (table === undefined) throw new RangeError(`run ${id} has no latency table`);
  const architecture = space.decode(trial.genotype);
  const measured = measurements.find(({ device }) => device === undefined);
  const explanation = explainedNetwork(
    { reference, architecture, space, genotype: trial.genotype, measured },
    table,
  );
  return {
    ...{ reference, devices, intervalMs: intervalMs ?? null },
    trial: trialDocument({ run: id, trial, measurements, circumstances, failures, choices, kernels }),
    validationImages: space.proxy?.validationImages ?? null,
    explanation: explanationDocument(explanation),
    diagram: networkDiagram(buildGraph(architecture), architecture, explanation.steps),
    next: trialCommands(reference, run.config),
    notes: outlineOf(run.config).trainer === 'supernet' ? [] : proxyNoteOf(run, store).split('\n'),
  };
}
