import { beforeAll, describe, expect, test } from 'vitest';
import { nas, SEARCH, temporaryProject } from './nas.ts';

interface Trained {
  readonly trial: number;
  readonly accuracy: number;
  readonly proxyAccuracy: number;
}

describe('nas search --finalists', () => {
  let project: string;
  let found: Awaited<ReturnType<typeof nas>>;
  beforeAll(async () => {
    project = await temporaryProject();
    found = await nas([...SEARCH, '--trials', '5', '--finalists', '2', '--json'], project);
  });

  test('trains the best candidates longer and answers by that', () => {
    expect(found.stderr).not.toMatch(/^error/m);
    expect(found.stderr).toContain('retrain  the best 2 candidates, 4 times as long as the proxy');
    const { best, finalists, front } = JSON.parse(found.stdout);
    expect(finalists).toMatchObject({ longer: 4 });
    const trained: readonly Trained[] = finalists.trained;
    expect(trained).toHaveLength(2);
    expect(Math.max(...trained.map(({ proxyAccuracy }) => proxyAccuracy))).toBe(
      Math.max(...front.map(({ accuracy }: Trained) => accuracy)),
    );
    expect(best).toMatchObject({ accuracy: Math.max(...trained.map(({ accuracy }) => accuracy)) });
    expect(trained.map(({ trial }) => trial)).toContain(best.trial);
  });

  test('what they came to is shown with the run, and is not trained again', async () => {
    const { stdout } = await nas(['show', 'r1'], project);
    expect(stdout.match(/trained 4 times as long as the proxy/g)).toHaveLength(2);
    const again = await nas(['search', '--resume', 'r1', '--json'], project);
    expect(again.stderr).not.toContain('retrain');
    expect(JSON.parse(again.stdout).finalists).toEqual(JSON.parse(found.stdout).finalists);
  });

  test('the same seed gives the same', async () => {
    const other = await nas([...SEARCH, '--trials', '5', '--finalists', '2', '--json'], project);
    expect(JSON.parse(other.stdout).finalists).toEqual(JSON.parse(found.stdout).finalists);
  });
});
