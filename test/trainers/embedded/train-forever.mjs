// Trains what stands in a file, and reports each epoch until it is killed.
import { readFileSync, writeSync } from 'node:fs';
import { createRuntime } from '../../../dist/trainers/embedded/runtime.js';
import { trainNetwork } from '../../../dist/trainers/embedded/training.js';

const { dataset, task } = JSON.parse(readFileSync(process.argv[2], 'utf8'), (key, value) =>
  key === 'pixels' ? Uint8Array.from(value) : key === 'labels' ? Uint16Array.from(value) : value,
);
trainNetwork(createRuntime(), dataset, task, { onEpoch: ({ epoch }) => writeSync(1, `${epoch}\n`) });
