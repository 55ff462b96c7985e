import { existsSync } from 'node:fs';
import { openTrainingLog, type StoredTraining } from '../store/trainings.ts';
import { DATABASE } from './folders.ts';

/** The full trainings, newest first; none where nothing was stored yet. */
export function storedTrainings(): readonly StoredTraining[] {
  if (!existsSync(DATABASE)) return [];
  const log = openTrainingLog(DATABASE, { readOnly: true });
  try {
    return log.all();
  } finally {
    log.close();
  }
}
