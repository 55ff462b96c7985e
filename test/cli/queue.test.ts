import { cpSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NO_REDIS, startRedis, type TestRedis } from '../workers/queue/redis.ts';
import { nas, SEARCH, startNas, temporaryProject, waitFor } from './nas.ts';

const HERE = `${hostname()}/local`;
const withoutTimes = (stdout: string): unknown =>
  (JSON.parse(stdout).trials as { cpuSeconds?: number }[]).map(({ cpuSeconds: _, ...trial }) => trial);

describe('nas search --queue', () => {
  let redis: TestRedis;
  let project: string;
  let queue: readonly string[];

  beforeAll(async () => {
    if (NO_REDIS !== undefined) return;
    redis = await startRedis();
    project = await temporaryProject();
    queue = ['--queue', redis.url, '--shared', join(project, 'it’s shared')];
  });
  afterAll(() => redis?.remove());
  beforeEach((context) => {
    if (NO_REDIS !== undefined) context.skip(NO_REDIS);
  });

  test('waits for a worker, lets it measure and train, and ends as a search without a queue', async () => {
    const search = startNas([...SEARCH, ...queue, '--trials', '6', '--json'], project);
    await waitFor(search.child, 'waiting for a worker that trains with embedded');
    const worker = startNas(
      ['worker', ...queue, '--trainer', 'embedded', '--workers', '2', '--device', 'local'],
      project,
    );
    await waitFor(worker.child, 'takes tasks from');
    const { exitCode, stdout, stderr } = await search.ended;
    expect(exitCode, `${stdout}${stderr}`).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ run: 'r1', trials: 6, best: { meetsTarget: true } });

    const [listed] = JSON.parse((await nas(['workers', ...queue.slice(0, 2), '--json'], project)).stdout);
    expect(listed).toMatchObject({
      ...{ host: hostname(), processId: worker.child.pid, devices: [HERE], busy: [], draining: false },
      trainer: { name: 'embedded', places: 2 },
    });
    const table = await nas(['workers', ...queue.slice(0, 2)], project);
    expect(table.stdout).toMatch(new RegExp(`${HERE}.*\\n?`));

    const alone = await temporaryProject();
    cpSync(join(project, 'latency-tables'), join(alone, 'latency-tables'), { recursive: true });
    await nas([...SEARCH, '--trials', '6'], alone);
    const [there, here] = await Promise.all(
      [project, alone].map((folder) => nas(['show', 'r1', '--json'], folder)),
    );
    expect(withoutTimes(there!.stdout)).toEqual(withoutTimes(here!.stdout));

    // The worker's device, by its name with the host.
    const remote = await nas([...SEARCH, ...queue, '--trials', '3', '--device', HERE, '--json'], project);
    expect(remote.exitCode).toBe(0);
    expect(JSON.parse(remote.stdout).best.measuredMs).toBeGreaterThan(0);

    worker.child.kill('SIGTERM');
    const ended = await worker.ended;
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).toContain(`measuring networks on local`);
    expect((await nas(['workers', ...queue.slice(0, 2)], project)).stdout).toContain('no workers');
  });

  test.each<[string, readonly string[], RegExp]>([
    [
      'a search without a shared place',
      [...SEARCH, '--queue', 'redis://127.0.0.1:1'],
      /^error --shared: missing/m,
    ],
    [
      'a queue that is not there',
      [...SEARCH, '--queue', 'redis://:pass@127.0.0.1:1', '--shared', 'x'],
      /^error redis:\/\/:…@127\.0\.0\.1:1: no queue that answers/m,
    ],
    [
      'a worker that is to do nothing',
      ['worker', '--queue', 'redis://127.0.0.1:1', '--shared', 'x'],
      /^error nas worker: neither --trainer nor --device/m,
    ],
    [
      'a worker of no queue',
      ['worker', '--trainer', 'embedded', '--shared', 'x'],
      /^error --queue: missing/m,
    ],
    [
      'a place that is none',
      [...SEARCH, '--queue', 'redis://127.0.0.1:1', '--shared', 'ftp://x'],
      /^error --shared: ftp:\/\/x/m,
    ],
  ])('%s is refused in words', async (_, args, message) => {
    const { exitCode, stderr } = await nas(args, project);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
