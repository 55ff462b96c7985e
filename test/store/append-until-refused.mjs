// Appends trials to a new database until the disk takes no more; says what was refused and what is there, as JSON.
import { openStore } from '../../dist/store/sqlite.js';

const [, , file] = process.argv;
const store = openStore(file);
const { id } = store.createRun(
  {
    ...{ config: {}, seed: '1', space: { name: 'tiny' }, spaceDigest: 's', table: '{}' },
    ...{ datasetDigest: 'd', trainerDigest: 't', codeVersion: '0' },
  },
  'now',
);
let stored = 0;
let refused;
while (refused === undefined) {
  const trial = {
    ...{
      state: 'completed',
      number: stored,
      genotype: [stored],
      latencyMs: 1,
      accuracy: 0.5,
      params: 1,
      macs: 1,
    },
    epochs: Array.from({ length: 40 }, (_, i) => ({
      epoch: i + 1,
      trainLoss: 1 / (i + 1),
      validationAccuracy: 0.5,
    })),
    cpuSeconds: 1,
  };
  try {
    store.append(id, trial, { trainer: 'toy', device: 'here', startedAt: 'now', finishedAt: 'now' });
    stored++;
  } catch (error) {
    refused = error;
  }
}
const readBack = store.trials(id).length;
store.close();
process.stdout.write(JSON.stringify({ stored, error: refused.message, next: refused.next, readBack }));
