import { formatMs } from '../base/units.ts';
import type { StepPlan } from '../flows/adapt.ts';
import type { ProposalResult } from '../flows/adapt-proposals.ts';
import { adaptationDetails } from '../report/adaptation-details.ts';
import type { AdaptationReport } from '../report/adaptation-report.ts';
import { openAdaptationLog } from '../store/adaptations.ts';
import { DATABASE } from './folders.ts';

/** What is read here of what an adaptation was told. */
interface Config {
  readonly targetMs: number;
  readonly step: number;
  readonly decay: number;
  readonly rule: string;
  readonly criterion: string;
  readonly seed: string;
  readonly dataset: string;
  readonly device: { readonly device: string; readonly runtime: string; readonly dtype: string };
}

/** An adaptation with all that is stored of it, for `nas show a1`. */
export function shownAdaptation(id: string, all: boolean): { readonly json: unknown; readonly text: string } {
  const log = openAdaptationLog(DATABASE, { readOnly: true });
  try {
    const stored = log.adaptation(id);
    const { config, outcome, network, createdAt, finishedAt } = stored;
    // Our own documents, as they were stored.
    const { targetMs, step, decay, rule, criterion, seed, dataset, device } = config as Config;
    const steps = log.steps(id).map(({ plan, results, chosen, ...rest }) => ({
      ...rest,
      plan: plan as StepPlan,
      chosen,
      results: results as ReadonlyMap<number, ProposalResult>,
    }));
    const settings = [
      ['target', `${formatMs(targetMs)} on ${device.device}, ${device.runtime}, ${device.dtype}`],
      ['dataset', `${dataset}, seed ${seed}`],
      ['steps', `of ${step} at first, times ${decay} from step to step`],
      ['proposals', `taken by ${rule}; channels ranked by ${criterion}`],
    ] as const;
    const report = outcome as AdaptationReport | undefined;
    return {
      json: { ...stored, steps: steps.map((found) => ({ ...found, results: [...found.results] })) },
      text: adaptationDetails({ id, network, createdAt, finishedAt, settings, steps, report, all }),
    };
  } finally {
    log.close();
  }
}
