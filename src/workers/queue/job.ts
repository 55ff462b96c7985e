import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseWith } from '../../base/parse.ts';
import { outcomeSchema } from '../outcome.ts';

/** Of everything of ours in a Redis. */
export const PREFIX = 'nas';

/** What is put on the queue. */
export interface JobData<Task> {
  readonly task: Task;
}

/** What a worker says meanwhile: all reports so far, since single messages may be lost. */
export interface JobProgress<Report> {
  readonly reports: readonly Report[];
}

const jobResultSchema = z.object({
  reports: z.array(z.unknown()),
  /** `cancelled`: whoever asked had given up; whoever asks again has to ask anew. */
  outcome: z.discriminatedUnion('state', [
    ...outcomeSchema.options,
    z.object({ state: z.literal('cancelled') }),
  ]),
});

/** What comes back; result and reports are as the worker gave them, for the asker to check. */
export type JobResult = z.output<typeof jobResultSchema>;

export function parseJobResult(value: unknown, where: string): JobResult {
  return parseWith(jobResultSchema, value, where);
}

/** How long an answer that nobody has fetched is kept: a search that was killed comes back for it. */
export const KEPT_SECONDS = 86_400;

/** Says that nobody waits for a job any more; its worker looks now and then. */
export async function cancelJob(redis: Redis, job: string): Promise<void> {
  await redis.set(cancelKey(job), '1', 'EX', KEPT_SECONDS);
}

/** Takes that back. */
export async function wantJob(redis: Redis, job: string): Promise<void> {
  await redis.del(cancelKey(job));
}

/** Those of the jobs that nobody waits for. */
export async function cancelledOf(redis: Redis, jobs: readonly string[]): Promise<readonly string[]> {
  if (jobs.length === 0) return [];
  const flags = await redis.mget(jobs.map(cancelKey));
  return jobs.filter((_, index) => flags[index] !== null);
}

function cancelKey(job: string): string {
  return `${PREFIX}:cancelled:${job}`;
}
