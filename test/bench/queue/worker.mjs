// Simulated workers behind a real queue: so many in one process, each of one place, whose trainings are sleeps.
// Usage: node worker.mjs URL QUEUE COUNT
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../../dist/workers/queue/connect.js';
import { announce } from '../../../dist/workers/queue/presence.js';
import { serveQueue } from '../../../dist/workers/queue/serve-queue.js';

const [, , url, queue, count] = process.argv;
const redis = await connect({ url });
for (let worker = 0; worker < Number(count); worker++) {
  const server = serveQueue({
    ...{ address: { url }, redis, queue, places: 1, stalledMs: 60_000 },
    async work({ sleepMs, accuracy }) {
      await sleep(sleepMs);
      return accuracy;
    },
    ...{ titleOf: () => 'sleep', onChange: () => {}, onTrouble: () => {} },
  });
  await announce(redis, () => ({
    ...{
      id: `${process.pid}-${worker}`,
      host: 'simulated',
      processId: process.pid,
      nasVersion: '0',
      since: '',
    },
    trainer: { name: 'sleep', implementation: queue, places: 1 },
    ...{ devices: [], busy: [...server.busy()], draining: false },
  }));
}
process.stdout.write('ready\n');
