import { NasError } from '../base/errors.ts';
import type { AdaptationReport } from '../report/adaptation-report.ts';
import { openAdaptationLog } from '../store/adaptations.ts';
import { DATABASE } from './folders.ts';

/** What an adaptation came to. */
export function adaptationReportOf(id: string): AdaptationReport {
  const log = openAdaptationLog(DATABASE, { readOnly: true });
  try {
    const { outcome } = log.adaptation(id);
    if (outcome === undefined) {
      throw new NasError(id, { found: 'an adaptation that was stopped', expected: 'one that has ended' });
    }
    // Our own document, as it was stored.
    return outcome as AdaptationReport;
  } finally {
    log.close();
  }
}
