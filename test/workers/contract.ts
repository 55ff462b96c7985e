import { afterEach, describe, expect, test } from 'vitest';
import type { WorkerPool } from '../../src/workers/pool.ts';

/** What arithmetic workers answer: see arithmetic-worker.mjs. */
export interface ArithmeticTask {
  readonly do: 'add' | 'count' | 'sleep' | 'refuse' | 'throw' | 'exit' | 'crash' | 'hang';
  readonly number?: number;
  /** Makes it another task than one of the same kind. */
  readonly name?: string;
}

export type ArithmeticPool = WorkerPool<ArithmeticTask, number, number>;

/** What every pool does; `open` makes one of so many workers, which add 40. */
export function poolContract(
  name: string,
  open: (workers: number) => Promise<ArithmeticPool>,
  { skip }: { readonly skip?: string | undefined } = {},
): void {
  describe(`a pool of ${name}`, () => {
    let pool: ArithmeticPool | undefined;
    const opened = async (workers: number): Promise<ArithmeticPool> => {
      pool = await open(workers);
      return pool;
    };
    afterEach(async () => {
      await pool?.close();
      pool = undefined;
    });

    test.skipIf(skip !== undefined)('hands workers their data and gives results', async () => {
      const pool = await opened(2);
      expect(pool.workers).toBe(2);
      const results = await Promise.all([1, 2, 3].map((number) => pool.run({ do: 'add', number })));
      expect(results).toEqual([41, 42, 43]);
    });

    test.skipIf(skip !== undefined)('gives all reports in order before the result', async () => {
      const pool = await opened(2);
      const seen: (readonly number[])[] = await Promise.all(
        [3, 200].map(async (number) => {
          const reports: number[] = [];
          const onReport = (report: number) => reports.push(report);
          expect(await pool.run({ do: 'count', number }, { onReport })).toBe(number);
          return reports;
        }),
      );
      expect(seen).toEqual([3, 200].map((count) => Array.from({ length: count }, (_, i) => i)));
    });

    test.skipIf(skip !== undefined)(
      'throws the NasError that a task threw, with all its fields',
      async () => {
        const pool = await opened(1);
        await expect(pool.run({ do: 'refuse' })).rejects.toMatchObject({
          name: 'NasError',
          where: 'here',
          found: 'this',
          expected: 'that',
          next: 'go on',
        });
      },
    );

    test.skipIf(skip !== undefined)('throws a defect as a plain error', async () => {
      const rejected = (await opened(1)).run({ do: 'throw' });
      await expect(rejected).rejects.toThrow('a defect');
      await expect(rejected).rejects.not.toHaveProperty('name', 'NasError');
    });

    test.skipIf(skip !== undefined).each(['exit', 'crash'] as const)(
      'rejects a task of which workers die by %s, and stays usable',
      async (end) => {
        const pool = await opened(1);
        await expect(pool.run({ do: end })).rejects.toMatchObject({
          name: 'NasError',
          where: 'arithmetic',
          message: expect.stringMatching(/died|failed/),
        });
        expect(await pool.run({ do: 'add', number: 2 })).toBe(42);
      },
    );

    test.skipIf(skip !== undefined)('lets go of a task that is aborted, and runs what waited', async () => {
      const pool = await opened(1);
      const controller = new AbortController();
      const hanging = pool.run({ do: 'hang' }, { signal: controller.signal });
      const waiting = pool.run({ do: 'add', number: 2 });
      setTimeout(() => controller.abort('tired'), 500);
      await expect(hanging).rejects.toBe('tired');
      expect(await waiting).toBe(42);
    });

    test.skipIf(skip !== undefined)('lets go of a task that is aborted at once', async () => {
      const pool = await opened(1);
      const controller = new AbortController();
      const given = pool.run({ do: 'hang' }, { signal: controller.signal });
      controller.abort('no more');
      await expect(given).rejects.toBe('no more');
      expect(await pool.run({ do: 'add', number: 3 })).toBe(43);
    });

    test.skipIf(skip !== undefined)(
      'does not begin what is aborted, and rejects what is under way when closed',
      async () => {
        const pool = await opened(1);
        await expect(pool.run({ do: 'add', number: 1 }, { signal: AbortSignal.abort('no') })).rejects.toBe(
          'no',
        );
        const hanging = pool.run({ do: 'hang' });
        const rejected = expect(hanging).rejects.toThrow();
        await new Promise((resolve) => setTimeout(resolve, 500));
        await pool.close();
        await rejected;
      },
    );
  });
}
