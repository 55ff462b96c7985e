// Appends trials to a run until it is killed, and reports each one that is stored.
import { writeSync } from 'node:fs';
import { openStore } from '../../dist/store/sqlite.js';

const [, , file, run] = process.argv;
const store = openStore(file);
for (let number = 0; ; number++) {
  const trial = {
    state: 'completed',
    number,
    genotype: [1, -1, number],
    latencyMs: 12.25,
    accuracy: 0.1 + 0.2,
    params: 3_504_872,
    macs: 300_774_272,
    epochs: [{ epoch: 1, trainLoss: 1 / 3, validationAccuracy: 0.1 + 0.2 }],
    cpuSeconds: 8.5,
  };
  store.append(run, trial, { trainer: 'toy', device: 'here', startedAt: 'now', finishedAt: 'now' });
  writeSync(1, `${number}\n`);
}
