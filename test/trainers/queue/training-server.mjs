// Trains what a queue asks for, with the embedded trainer: URL, queue, shared folder, folder of its own, stalled ms.
import { join } from 'node:path';
import { systemClock } from '../../../dist/base/clock.js';
import { openBlobStore } from '../../../dist/blobs/open-blob-store.js';
import { createEmbeddedTrainer } from '../../../dist/trainers/embedded/embedded.js';
import { createTrainingHand } from '../../../dist/trainers/queue/do-training.js';
import { connect } from '../../../dist/workers/queue/connect.js';
import { serveQueue } from '../../../dist/workers/queue/serve-queue.js';

const [url, queue, shared, folder, stalledMs] = process.argv.slice(2);
const redis = await connect({ url });
const hand = createTrainingHand({
  ...{ blobs: await openBlobStore(shared), folder, cache: join(folder, 'blobs'), clock: systemClock },
  openTrainer: async (dataset) =>
    createEmbeddedTrainer({
      ...{ dataset, workers: 2, weightsFolder: join(folder, 'weights') },
      workerFile: new URL('../embedded/doomed-worker.mjs', import.meta.url),
    }),
});
serveQueue({
  ...{ address: { url }, redis, queue, places: 2, stalledMs: Number(stalledMs) },
  work: (task, options) => hand.train(task, options),
  titleOf: ({ seed }) => seed,
  onChange: (line) => process.stdout.write(`${line}\n`),
  onTrouble: (line) => process.stderr.write(`${line}\n`),
});
process.stdout.write('ready\n');
