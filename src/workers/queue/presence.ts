import type { Redis } from 'ioredis';
import { z } from 'zod';
import { parseJson, parseWith } from '../../base/parse.ts';
import { PREFIX } from './job.ts';

const presenceSchema = z.strictObject({
  /** Of its own among workers. */
  id: z.string(),
  host: z.string(),
  processId: z.int(),
  nasVersion: z.string(),
  /** ISO 8601. */
  since: z.string(),
  /** What it trains with: networks of one implementation can be compared. */
  trainer: z
    .strictObject({ name: z.string(), implementation: z.string(), places: z.int().min(0) })
    .optional(),
  /** What it measures on. */
  devices: z.array(z.string()),
  /** Titles of tasks under way. */
  busy: z.array(z.string()),
  /** Takes no more tasks. */
  draining: z.boolean(),
});

/** What a worker says of itself. */
export type Presence = z.output<typeof presenceSchema>;

/** A worker that has said nothing for so long is gone. */
const GONE_MS = 15_000;
const BEAT_MS = 3_000;

const IDS = `${PREFIX}:workers`;
const keyOf = (id: string): string => `${PREFIX}:worker:${id}`;

export interface Announcement {
  /** Says it again at once. */
  update(): Promise<void>;
  /** Takes leave. */
  end(): Promise<void>;
}

/** Says again and again that a worker is there, and what it does. */
export async function announce(redis: Redis, describe: () => Presence): Promise<Announcement> {
  const update = async (): Promise<void> => {
    const presence = describe();
    await redis
      .multi()
      .sadd(IDS, presence.id)
      .set(keyOf(presence.id), JSON.stringify(presence), 'PX', GONE_MS)
      .exec();
  };
  await update();
  // Redis is gone for a while; the next beat finds it.
  const beat = setInterval(() => void update().catch(() => {}), BEAT_MS);
  return {
    update: () => update().catch(() => {}),
    async end() {
      clearInterval(beat);
      const { id } = describe();
      await redis.multi().srem(IDS, id).del(keyOf(id)).exec();
    },
  };
}

/** The workers that are there, by host and process. */
export async function presentWorkers(redis: Redis): Promise<readonly Presence[]> {
  const ids = await redis.smembers(IDS);
  if (ids.length === 0) return [];
  const texts = await redis.mget(ids.map(keyOf));
  const gone = ids.filter((_, index) => texts[index] === null);
  if (gone.length > 0) await redis.srem(IDS, ...gone);
  return texts
    .flatMap((text) => (text === null ? [] : [parseWith(presenceSchema, parseJson(text, IDS), IDS)]))
    .sort((a, b) => a.host.localeCompare(b.host) || a.processId - b.processId);
}
