// Takes arithmetic tasks from a queue: URL, queue, places and milliseconds until its tasks count as stalled.
import { connect } from '../../../dist/workers/queue/connect.js';
import { announce } from '../../../dist/workers/queue/presence.js';
import { serveQueue } from '../../../dist/workers/queue/serve-queue.js';
import { createThreadPool } from '../../../dist/workers/threads.js';

const [url, queue, places, stalledMs] = process.argv.slice(2);
const threads = createThreadPool({
  name: 'arithmetic',
  file: new URL('../arithmetic-worker.mjs', import.meta.url),
  workers: Number(places),
  workerData: 40,
});
const redis = await connect({ url });
const server = serveQueue({
  ...{ address: { url }, redis, queue, places: Number(places), stalledMs: Number(stalledMs) },
  work(task, { signal, report }) {
    // As by SIGKILL: the whole process.
    if (task.do === 'exit') process.kill(process.pid, 'SIGKILL');
    if (task.do === 'crash') setImmediate(() => process.kill(process.pid, 'SIGKILL'));
    return threads.run(task, { signal, onReport: report });
  },
  titleOf: (task) => task.do,
  onChange: (line) => process.stdout.write(`${line}\n`),
  onTrouble: (line) => process.stderr.write(`${line}\n`),
});
await announce(redis, () => ({
  ...{ id: `${process.pid}`, host: 'here', processId: process.pid, nasVersion: '0', since: '' },
  ...{ devices: [], busy: [...server.busy()], draining: false },
}));
process.stdout.write('ready\n');
process.on('SIGTERM', async () => {
  await server.drain();
  process.exit(0);
});
process.on('SIGINT', async () => {
  server.release();
  await server.drain();
  process.exit(0);
});
