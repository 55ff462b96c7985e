import {
  type AdaptationListing,
  type AdaptationPage,
  adaptationListing,
  adaptationPage,
} from '../../report/pages/adaptation-page.ts';
import type { NextCommand } from '../../report/pages/run-page.ts';
import { type AdaptationLog, openAdaptationLog } from '../../store/adaptations.ts';
import { DATABASE } from '../folders.ts';

/** Newest first. */
export function listedAdaptations(): readonly AdaptationListing[] {
  return readAdaptations((log) => log.all().map(adaptationListing));
}

export function adaptationDocument(id: string): AdaptationPage {
  return readAdaptations((log) => {
    const found = log.adaptation(id);
    const next: readonly NextCommand[] =
      found.outcome === undefined
        ? []
        : [
            [`nas train ${id} --weights FILE`, 'train the narrower network in full'],
            [`nas export ${id} --format tflite`, 'for phones, once it is trained'],
            [`nas cost ${id}`, 'MACs and parameters, layer by layer'],
          ];
    return adaptationPage(found, log.steps(id), next);
  });
}

function readAdaptations<Result>(read: (log: AdaptationLog) => Result): Result {
  const log = openAdaptationLog(DATABASE, { readOnly: true });
  try {
    return read(log);
  } finally {
    log.close();
  }
}
