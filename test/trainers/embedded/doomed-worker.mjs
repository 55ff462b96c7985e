// The embedded trainer's worker, but one that dies of a training with this time-out when it reports an epoch.
import { run as train } from '../../../dist/trainers/embedded/worker.js';

const DOOMED_MS = 1e9;

export const run = (message) => {
  if (message.task.timeoutMs !== DOOMED_MS) return train(message);
  return train({ ...message, port: { postMessage: () => process.exit(9) } });
};
