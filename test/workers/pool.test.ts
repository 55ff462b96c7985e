import { afterEach, describe, expect, it } from 'vitest';
import { createWorkerPool, type WorkerPool } from '../../src/workers/pool.ts';

/** What test/workers/arithmetic-worker.mjs answers. */
type Task = { readonly do: 'add' | 'refuse' | 'throw' | 'exit' | 'crash' | 'hang'; readonly number?: number };

const FILE = new URL('./arithmetic-worker.mjs', import.meta.url);

describe('a worker pool', () => {
  let pool: WorkerPool<Task, number>;
  const open = (workers: number) => {
    pool = createWorkerPool({ name: 'arithmetic', file: FILE, workers, workerData: 40 });
    return pool;
  };
  afterEach(() => pool.close());

  it('hands workers their data and gives results', async () => {
    open(2);
    const results = await Promise.all([1, 2, 3].map((number) => pool.run({ do: 'add', number })));
    expect(results).toEqual([41, 42, 43]);
  });

  it('throws the NasError that a task threw, with all its fields', async () => {
    await expect(open(1).run({ do: 'refuse' })).rejects.toMatchObject({
      name: 'NasError',
      where: 'here',
      found: 'this',
      expected: 'that',
      next: 'go on',
    });
  });

  it('throws a defect as a plain error', async () => {
    const rejected = open(1).run({ do: 'throw' });
    await expect(rejected).rejects.toThrow('a defect');
    await expect(rejected).rejects.not.toHaveProperty('name', 'NasError');
  });

  it.each(['exit', 'crash'] as const)('names a worker that dies by %s and replaces it', async (end) => {
    await expect(open(1).run({ do: end })).rejects.toMatchObject({
      name: 'NasError',
      message: expect.stringMatching(/^arithmetic: a worker died: /),
    });
    expect(await pool.run({ do: 'add', number: 2 })).toBe(42);
  });

  it('ends a worker that hangs when its task is aborted, and runs what waited', async () => {
    const controller = new AbortController();
    const hanging = open(1).run({ do: 'hang' }, controller.signal);
    const waiting = pool.run({ do: 'add', number: 2 });
    setTimeout(() => controller.abort('tired'), 200);
    await expect(hanging).rejects.toBe('tired');
    expect(await waiting).toBe(42);
  });
});
