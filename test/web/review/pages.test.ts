import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openAdaptationLog } from '../../../src/store/adaptations.ts';
import { thisProcess } from '../../../src/store/owner.ts';
import { openStore } from '../../../src/store/sqlite.ts';
import { addMeasuredTables } from '../../cli/measured-tables.ts';
import { nas, SEARCH, startNas, temporaryProject } from '../../cli/nas.ts';
import { storeRun } from '../../cli/stored-project.ts';
import { type Browser, NO_CHROMIUM, startChromium } from '../../devices/browser/chromium.ts';
import { drawnFront, seriousFaults, type WatchedPage, watchedPage, whole } from './review-pages.ts';

/** As many networks as the tiny space has, so that there is something to see. */
const TRIALS = '9';
const AT = '2026-01-02T03:04:05.000Z';
const mobile = JSON.parse(
  readFileSync(new URL('../../../search-spaces/mobile.json', import.meta.url), 'utf8'),
) as unknown;

let folder: string;
let browser: Browser;
let server: ReturnType<typeof startNas>;
let home: string;

/** A real search, a made-up run with all that can go wrong, and an adaptation. */
async function project(): Promise<string> {
  const cwd = await temporaryProject();
  await addMeasuredTables(cwd);
  const searched = await nas(
    [...SEARCH, '--trials', TRIALS, '--strategy', 'ppo', '--stop-early', 'none'],
    cwd,
  );
  if (searched.exitCode !== 0) throw new Error(searched.stderr);
  const store = openStore(join(cwd, 'runs/nas.db'));
  const id = storeRun(store, { space: mobile, seed: '6', trials: 80, targetMs: 5 });
  store.append(
    id,
    {
      state: 'failed',
      number: 80,
      genotype: store.trial(id, 0)?.genotype ?? [],
      latencyMs: 4,
      error: '<b>NaN</b> & co.',
    },
    { trainer: 'embedded', device: 'some-phone', startedAt: AT, finishedAt: AT },
  );
  store.saveMeasurement(id, { trial: 3, medianMs: 3.1, madMs: 0.05, samples: 31 });
  store.appendTells(
    id,
    Array.from({ length: 9 }, (_, trial) => ({ trial })),
  );
  for (const position of [2, 5, 8]) {
    store.saveUpdate(id, { position, diagnostics: { entropy: 1 / (position + 1), clipFraction: 0.1 } });
  }
  store.close();
  const log = openAdaptationLog(join(cwd, 'runs/nas.db'));
  const { id: adaptation } = log.create(
    { identity: 'e'.repeat(64), network: `${id}/3`, config: { targetMs: 3 } },
    AT,
    thisProcess(),
  );
  for (const step of [0, 1]) {
    const proposals = [0, 1, 2].map((place) => ({
      ...{ group: place, width: 0.5, layer: `stages.${place}`, from: 32, to: 24 - place },
      ...{ latencyMs: 4 - 0.3 * step - 0.05 * place, interpolated: place },
    }));
    log.savePlan(adaptation, step, { latencyMs: 4 - 0.3 * step, cutMs: 0.1, proposals });
    log.saveResult(adaptation, step, 0, { accuracy: 0.5 - 0.01 * step });
    log.saveResult(adaptation, step, 1, { accuracy: 0.52 - 0.01 * step });
    log.saveResult(adaptation, step, 2, { error: 'diverged' });
    log.saveChoice(adaptation, step, 1);
  }
  log.close();
  return cwd;
}

/** Where a server that was just started says its pages are. */
function addressOf({ child, ended }: ReturnType<typeof startNas>): Promise<string> {
  let said = '';
  return new Promise((resolve, reject) => {
    child.stderr?.on('data', (part: string) => {
      said += part;
      const address = /open (http:\S+)\n/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    });
    void ended.then(() => reject(new Error(said)));
  });
}

beforeAll(async () => {
  if (NO_CHROMIUM !== undefined) return;
  folder = await project();
  server = startNas(['ui', '--port', '0'], folder);
  home = await addressOf(server);
  browser = await startChromium();
});
afterAll(async () => {
  server?.child.kill('SIGINT');
  await server?.ended;
  await browser?.close();
});
beforeEach((context) => {
  if (NO_CHROMIUM !== undefined) context.skip(NO_CHROMIUM);
});

const json = async (...args: string[]) => JSON.parse((await nas([...args, '--json'], folder)).stdout);

describe('a page', () => {
  const looks = [
    [1280, 900, 'light'],
    [390, 844, 'dark'],
  ] as const;
  test.each(looks)(
    'of %i × %i pixels, %s: each renders whole, and neither console nor axe complains',
    async (...look) => {
      const { page, go, complaints } = await watchedPage(browser, home, look);
      const tables = (await json('tables')) as readonly { table: string }[];
      const table = tables[0]?.table.replace(/^latency-tables\/|\.json$/g, '');
      for (const [address, text] of [
        ['runs', 'Adaptations'],
        ['runs/r1', 'best under 1.00 s'],
        ['runs/r2', 'Failed, stopped and infeasible'],
        ['runs/r2/trials/3', 'measured as a whole'],
        ['runs/r2/trials/80', '<b>NaN</b> & co.'],
        ['runs/r1/trials/0', 'Network'],
        ['compare/r1,r2', 'differ in'],
        ['adaptations/a1', 'layer that was cut'],
        ['tables', 'processor'],
        [`tables/${table}`, 'Predicted against measured'],
        ['runs/r2/table', 'some processor'],
        ['runs/r77', "no run 'r77'"],
        ['nowhere', 'no page of that address'],
      ]) {
        if (address === 'nowhere' || address === 'runs/r77') {
          await page.goto(`${home}#/${address}`);
          await page.getByRole('alert').waitFor();
        } else await go(address ?? '');
        expect(await page.locator('main').textContent(), address).toContain(text);
        expect(await seriousFaults(page), address).toEqual([]);
        const [full, given] = await page.evaluate<readonly [number, number]>(
          '[document.documentElement.scrollWidth, innerWidth]',
        );
        expect(full, `${address} fits the screen`).toBeLessThanOrEqual(given);
      }
      // A browser tells of an answer 404 by itself; nothing else is said.
      expect(complaints.filter((complaint) => !complaint.includes('404 (Not Found)'))).toEqual([]);
      await page.close();
    },
  );
});

/** The drawn points are those of `nas pareto`, each where its figures say. */
async function expectFront(page: WatchedPage['page'], run: string): Promise<void> {
  const front = (await json('pareto', run)) as readonly {
    trial: number;
    accuracy: number;
    latencyMs: number;
  }[];
  const drawn = await drawnFront(page);
  expect(drawn.map(({ trial }) => trial)).toEqual(front.map(({ trial }) => trial));
  const [[a, p], [b, q]] = [0, -1].map((i) => [front.at(i), drawn.at(i)]) as [
    [(typeof front)[0], (typeof drawn)[0]],
    [(typeof front)[0], (typeof drawn)[0]],
  ];
  front.forEach(({ accuracy, latencyMs }, i) => {
    const x = p.x + ((q.x - p.x) * (latencyMs - a.latencyMs)) / (b.latencyMs - a.latencyMs || 1);
    const y = p.y + ((q.y - p.y) * (accuracy - a.accuracy)) / (b.accuracy - a.accuracy || 1);
    expect(drawn[i]?.x).toBeCloseTo(x, 3);
    expect(drawn[i]?.y).toBeCloseTo(y, 3);
  });
}

test('the front of a run is that of nas pareto, and leads to its trials by keyboard', async () => {
  const { page, go } = await watchedPage(browser, home);
  for (const run of ['r1', 'r2']) {
    await go(`runs/${run}`);
    await expectFront(page, run);
  }
  const first = page.locator('a[data-mark]').first();
  await first.focus();
  expect(await page.locator('.tip').textContent()).toMatch(/r2\/\d+, on the front/);
  await page.keyboard.press('Enter');
  await page.waitForURL(/#\/runs\/r2\/trials\/\d+$/);
  await whole(page);
  await page.goBack();
  await whole(page);
  await expectFront(page, 'r2');
  await page.close();
});

test('a running search shows on the pages as it goes, without loading them anew', async () => {
  const { page, go, complaints } = await watchedPage(browser, home);
  await go('runs');
  await page.evaluate(() => {
    (globalThis as unknown as { kept: boolean }).kept = true;
  });
  const before = ((await json('runs')) as readonly unknown[]).length;
  const search = startNas([...SEARCH, '--trials', TRIALS, '--seed', '2', '--workers', '1'], folder);
  try {
    const run = `r${before + 1}`;
    await page.getByRole('link', { name: run, exact: true }).waitFor();
    await page.getByRole('link', { name: run, exact: true }).click();
    const watching = startNas(['pareto', run, '--watch'], folder);
    // Trial after trial, to the end.
    await page.locator('.badge-finished').waitFor();
    await whole(page);
    await expect.poll(async () => (await drawnFront(page)).length, { timeout: 300_000 }).toBeGreaterThan(0);
    expect((await search.ended).exitCode).toBe(0);
    await expect
      .poll(() => page.locator('.figures').textContent(), { timeout: 300_000 })
      .toContain(`${TRIALS} / ${TRIALS}`);
    await expectFront(page, run);
    const followed = await watching.ended;
    expect([followed.exitCode, followed.stderr]).toEqual([0, '']);
    expect(followed.stdout).toContain(`${run} finished  ${TRIALS}/${TRIALS} trials`);
    expect(followed.stdout).toContain('est. latency');
    expect(followed.stdout).not.toContain('\u001b');
    expect(await page.evaluate(() => (globalThis as unknown as { kept?: boolean }).kept)).toBe(true);
    expect(complaints).toEqual([]);
  } finally {
    search.child.kill('SIGINT');
    await search.ended;
  }
  await page.close();
});

test('what networks chose from is named whole, and no name hides another or ends outside', async () => {
  const { page, go } = await watchedPage(browser, home);
  await go('runs/r2');
  const drawing = page.getByRole('img', { name: 'r2 decisions of networks' });
  const names = await drawing.locator('.option').evaluateAll((elements) =>
    elements.map((element) => {
      const { left, right, top, bottom } = element.getBoundingClientRect();
      return { text: element.textContent ?? '', left, right, top, bottom };
    }),
  );
  expect(names.map(({ text }) => text)).toEqual(
    expect.arrayContaining(['inverted-residual', 'depthwise-separable', '{"ratio":0.25}']),
  );
  for (const [i, a] of names.entries()) {
    for (const b of names.slice(0, i)) {
      const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // Boxes are a little higher than letters.
      expect(across > 0 && down > 3, `${a.text} over ${b.text}`).toBe(false);
    }
  }
  const outside = await drawing.evaluate((svg) => {
    const frame = svg.getBoundingClientRect();
    return [...svg.querySelectorAll('text')]
      .filter((text) => {
        const { left, right, bottom } = text.getBoundingClientRect();
        return left < frame.left || right > frame.right || bottom > frame.bottom;
      })
      .map((text) => text.textContent);
  });
  expect(outside).toEqual([]);
  expect(await drawing.textContent()).not.toContain('…');
  await page.close();
});

test('a target is dragged, moved by keys and kept in the address', async () => {
  const { page, go } = await watchedPage(browser, home);
  await go('compare/r2,r1');
  const target = page.getByRole('slider');
  const value = async (): Promise<number> => Number(await target.getAttribute('aria-valuenow'));
  const start = await value();
  await target.focus();
  await page.keyboard.press('ArrowRight');
  expect(await value()).toBeGreaterThan(start);
  await page.keyboard.press('Home');
  const least = await value();
  // Nothing is faster than the left end of the drawing.
  expect(await page.getByLabel('best under the target', { exact: true }).textContent()).toMatch(
    /none[\s\S]*none/,
  );
  const box = await target.locator('.grip').boundingBox();
  if (box === null) throw new Error('the target is not drawn');
  await page.mouse.move(box.x + 10, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 310, box.y + 100, { steps: 5 });
  await page.mouse.up();
  expect(await value()).toBeGreaterThan(least);
  expect(page.url()).toMatch(/target=\d/);
  const dragged = await value();
  await page.reload();
  await whole(page);
  expect(await value()).toBeCloseTo(dragged, 2);
  await page.close();
});

test('what is drawn and listed is saved as CSV, SVG and PNG', async () => {
  const { page, go, complaints } = await watchedPage(browser, home);
  await go('runs/r2');
  const save = async (name: string): Promise<Buffer> => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name, exact: true }).click(),
    ]);
    return readFileSync(await download.path());
  };
  const front = (await json('pareto', 'r2')) as readonly { trial: number; latencyMs: number }[];
  const rows = (await save('r2 front as CSV')).toString().trim().split('\r\n');
  expect(rows[0]).toBe('trial,accuracy (%),estimated (ms),measured (ms),MACs,params');
  expect(rows.slice(1).map((row) => [Number(row.split(',')[0]), Number(row.split(',')[2])])).toEqual(
    front.map(({ trial, latencyMs }) => [trial, latencyMs]),
  );
  const svg = (await save('r2 accuracy against latency as SVG')).toString();
  expect(svg).toMatch(/^<svg[^>]* xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg.match(/<circle/g)?.length).toBeGreaterThanOrEqual(front.length);
  expect(svg).not.toMatch(/class=|style=|href=/);
  const png = await save('r2 accuracy against latency as PNG');
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.length).toBeGreaterThan(5_000);
  expect(complaints).toEqual([]);
  await page.close();
});

test('a report is one file with the same pages, which asks nothing of anybody', async () => {
  const file = join(folder, 'report.html');
  const made = await nas(['report', 'r2', 'r1', '-o', file, '--json'], folder);
  expect([made.exitCode, made.stderr]).toEqual([0, '']);
  expect(JSON.parse(made.stdout)).toMatchObject({ file, runs: ['r2', 'r1'] });
  const text = readFileSync(file, 'utf8');
  expect(text).not.toMatch(/<script[^>]* src=|<link[^>]*stylesheet|@import/);
  const { page, go, complaints } = await watchedPage(browser, pathToFileURL(file).href, [390, 844, 'light']);
  await page.context().setOffline(true);
  try {
    for (const [address, shown] of [
      ['', 'Coverage'],
      ['runs', 'r2'],
      ['runs/r2', 'Decisions'],
      ['runs/r1', 'best under 1.00 s'],
      ['runs/r2/trials/3', 'measured as a whole'],
      ['runs/r2/table', 'Kernels'],
      ['adaptations/a1', 'layer that was cut'],
    ]) {
      await go(address ?? '');
      expect(await page.locator('main').textContent()).toContain(shown);
      expect(await seriousFaults(page)).toEqual([]);
    }
    await go('runs/r2');
    await expectFront(page, 'r2');
    expect(complaints).toEqual([]);
  } finally {
    await page.context().setOffline(false);
  }
  await page.close();
});

test('to other machines, the token of the address lets a browser in and leaves the address', async () => {
  const open = startNas(['ui', '--host', '127.0.0.2', '--port', '0'], folder);
  try {
    const url = await addressOf(open);
    const { page } = await watchedPage(browser, url);
    await page.goto(url.split('#')[0] ?? '');
    await page.getByText('this browser has not shown the token').waitFor();
    await page.goto('about:blank');
    await page.goto(url);
    await page.getByRole('link', { name: 'r1', exact: true }).waitFor();
    expect(page.url()).not.toContain('enter');
    await page.close();
  } finally {
    open.child.kill('SIGINT');
    expect((await open.ended).exitCode).toBe(0);
  }
});
