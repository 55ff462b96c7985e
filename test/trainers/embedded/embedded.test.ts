import { createEmbeddedTrainer } from '../../../src/trainers/embedded/embedded.ts';
import { trainerContract } from '../contract.ts';

/** What test/trainers/embedded/doomed-worker.mjs dies of. */
const DOOMED_MS = 1e9;

trainerContract(
  'embedded',
  (dataset, weightsFolder) =>
    createEmbeddedTrainer({
      ...{ dataset, weightsFolder, workers: 2 },
      workerFile: new URL('doomed-worker.mjs', import.meta.url),
    }),
  {
    doom: (request) => ({ onEpoch: () => undefined, ...request, timeoutMs: DOOMED_MS }),
    exact: true,
  },
);
