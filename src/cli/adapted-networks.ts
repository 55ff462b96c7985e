import { NasError } from '../base/errors.ts';
import type { AdaptationReport } from '../report/adaptation-report.ts';
import type { Architecture } from '../space/network.ts';
import { openAdaptationLog } from '../store/adaptations.ts';
import { DATABASE } from './folders.ts';

/** `a3`: what adaptation a3 came to. */
export function isAdaptationReference(text: string): boolean {
  return /^a\d+$/.test(text);
}

/** The network that an adaptation came to: that which it began with, with layers that are narrower. */
export function adaptedNetwork(reference: string): Architecture {
  const log = openAdaptationLog(DATABASE, { readOnly: true });
  try {
    const found = log.all().find(({ id }) => id === reference);
    if (found?.outcome === undefined) {
      throw new NasError(reference, {
        found: found === undefined ? 'no such adaptation' : 'an adaptation that was stopped',
        expected: 'one that nas adapt has finished',
        ...(found === undefined ? {} : { next: 'go on with it: the same nas adapt with --resume' }),
      });
    }
    // Our own documents, as they were stored.
    const { architecture } = found.config as { readonly architecture: Architecture };
    const { layers } = found.outcome as AdaptationReport;
    const narrowed: Record<string, number> = { ...architecture.narrowed };
    // Parts of what was adapted, which may have been narrower than its architecture already.
    for (const [layer, part] of Object.entries(layers)) narrowed[layer] = (narrowed[layer] ?? 1) * part;
    return { ...architecture, name: reference, narrowed };
  } finally {
    log.close();
  }
}
