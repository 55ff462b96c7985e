import { setTimeout } from 'node:timers/promises';
import { NasError } from '../../dist/base/errors.js';
import { workerTask } from '../../dist/workers/worker-task.js';

export const run = workerTask(
  (offset) => offset,
  async (offset, task, report) => {
    switch (task.do) {
      case 'add':
        return offset + task.number;
      case 'count':
        for (let i = 0; i < task.number; i++) report(i);
        return task.number;
      case 'sleep':
        await setTimeout(task.number);
        return task.number;
      case 'refuse':
        throw new NasError('here', { found: 'this', expected: 'that', next: 'go on' });
      case 'throw':
        throw new TypeError('a defect');
      case 'exit':
        return process.exit(3);
      case 'crash':
        setImmediate(() => {
          throw new Error('out of luck');
        });
        return new Promise(() => undefined);
      case 'hang':
        for (;;);
    }
  },
);
