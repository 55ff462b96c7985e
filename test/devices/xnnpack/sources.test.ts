import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aptMirrors, urisOfList, urisOfSources } from '../../../src/devices/runtimes/xnnpack/apt-mirrors.ts';
import { obtainSources } from '../../../src/devices/runtimes/xnnpack/obtain-sources.ts';
import { PINNED_SOURCES, type PinnedSource } from '../../../src/devices/runtimes/xnnpack/pinned-sources.ts';

const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'nas sources '));
const digest = (text: string): `sha256:${string}` =>
  `sha256:${createHash('sha256').update(text).digest('hex')}`;

describe('the mirrors of apt', () => {
  test('in the one-line format', () => {
    const text = [
      '# deb http://off.example/debian trixie main',
      'deb http://one.example/debian trixie main contrib',
      'deb-src [signed-by=/usr/share/x.gpg arch=amd64] https://two.example/debian/ trixie main',
    ].join('\n');
    expect(urisOfList(text)).toEqual(['http://one.example/debian', 'https://two.example/debian/']);
  });

  test('in the format of paragraphs', () => {
    const text = [
      'Types: deb\n# URIs: http://off.example\nURIs: http://one.example/debian\nSuites: trixie',
      'Types: deb\nEnabled: no\nURIs: http://off.example/debian',
      'Types: deb\nURIs:\n http://two.example/debian\n http://three.example/debian\nSuites: trixie',
    ].join('\n\n');
    expect(urisOfSources(text)).toEqual([
      'http://one.example/debian',
      'http://two.example/debian',
      'http://three.example/debian',
    ]);
  });

  test('each once, and none that curl does not fetch from', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'sources.list.d'));
    writeFileSync(join(folder, 'sources.list'), 'deb mirror+file:/nowhere x main\n');
    writeFileSync(join(folder, 'sources.list.d', 'a.list'), 'deb http://one.example/debian/ x main\n');
    writeFileSync(join(folder, 'sources.list.d', 'b.list'), 'deb http://one.example/debian y main\n');
    writeFileSync(join(folder, 'sources.list.d', 'c.list'), 'deb cdrom:[Debian]/ y main\n');
    writeFileSync(join(folder, 'sources.list.d', 'd.save'), 'deb http://off.example/debian y main\n');
    expect(await aptMirrors(folder)).toEqual(['http://one.example/debian']);
  });

  test('from the file that mirror+file names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nas-sources-'));
    writeFileSync(join(folder, 'mirrors.txt'), 'http://list.example/ubuntu/\tpriority:1\n');
    writeFileSync(join(folder, 'sources.list'), `deb mirror+file:${folder}/mirrors.txt x main\n`);
    expect(await aptMirrors(folder)).toEqual(['http://list.example/ubuntu']);
  });

  test('none where there is no apt', async () => {
    expect(await aptMirrors('/nowhere')).toEqual([]);
  });
});

test('every pinned archive has a whole digest and a place', () => {
  for (const { name, archives } of PINNED_SOURCES) {
    expect(archives.length, name).toBeGreaterThan(0);
    for (const { digest, from } of archives) {
      expect(digest).toMatch(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/);
      expect('pool' in from ? `https://x/${from.pool}` : from.url).toMatch(/^https:.*\.(tar\.[gx]z|zip)$/);
    }
  }
});

describe('sources', () => {
  let server: Server;
  let mirror: string;
  const files = new Map<string, string>();
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.url ?? '');
      const content = files.get(request.url ?? '');
      response.writeHead(content === undefined ? 404 : 200).end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    mirror = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  const pinned = (content: string): readonly PinnedSource[] => [
    {
      name: 'one',
      archives: [
        { version: '1', digest: digest(content), from: { pool: 'o/one/one_1~git.orig.tar.xz' } },
        { version: '2', digest: digest(`${content} of upstream`), from: { url: `${mirror}/upstream/2.zip` } },
      ],
    },
  ];
  const watch = { report: () => {} };

  test('come from the second mirror where the first has none, and from the cache the second time', async () => {
    files.set('/debian/pool/universe/o/one/one_1%7egit.orig.tar.xz', 'first');
    const cache = temporaryFolder();
    const places = { cache, mirrors: [`${mirror}/empty`, `${mirror}/debian`] };
    const told: string[] = [];
    const [source] = await obtainSources(pinned('first'), places, { report: (doing) => told.push(doing) });
    const archive = join(cache, 'one_1~git.orig.tar.xz');
    expect(source).toEqual({ name: 'one', version: '1', digest: digest('first'), at: { archive } });
    expect(readFileSync(archive, 'utf8')).toBe('first');
    expect(told).toContain('fetching one_1~git.orig.tar.xz');
    expect(readdirSync(cache)).toEqual(['one_1~git.orig.tar.xz']);
    const before = asked.length;
    expect(await obtainSources(pinned('first'), places, watch)).toEqual([source]);
    expect(asked).toHaveLength(before);
  });

  test('come from upstream where no mirror has them, or has something else under the name', async () => {
    files.set('/other/pool/main/o/one/one_1%7egit.orig.tar.xz', 'not what was pinned');
    files.set('/upstream/2.zip', 'second of upstream');
    const [source] = await obtainSources(
      pinned('second'),
      { cache: temporaryFolder(), mirrors: [`${mirror}/other`] },
      watch,
    );
    expect(source).toMatchObject({ version: '2', digest: digest('second of upstream') });
  });

  test('a damaged file in the cache is fetched again', async () => {
    files.set('/debian/pool/main/o/one/one_1%7egit.orig.tar.xz', 'third');
    const cache = temporaryFolder();
    writeFileSync(join(cache, 'one_1~git.orig.tar.xz'), 'thi');
    await obtainSources(pinned('third'), { cache, mirrors: [`${mirror}/debian`] }, watch);
    expect(readFileSync(join(cache, 'one_1~git.orig.tar.xz'), 'utf8')).toBe('third');
  });

  test('come from a folder of archives, whatever their names, or of unpacked ones', async () => {
    const given = temporaryFolder();
    writeFileSync(join(given, 'something.zip'), 'fourth of upstream');
    const places = { given, cache: temporaryFolder(), mirrors: [] };
    const [archive] = await obtainSources(pinned('fourth'), places, watch);
    expect(archive).toMatchObject({ version: '2', at: { archive: join(given, 'something.zip') } });
    mkdirSync(join(given, 'one'));
    writeFileSync(join(given, 'one', 'code.c'), 'int x;');
    const [unpacked] = await obtainSources(pinned('fourth'), places, watch);
    expect(unpacked).toMatchObject({ version: 'given', at: { folder: join(given, 'one') } });
    writeFileSync(join(given, 'one', 'code.c'), 'int y;');
    const [changed] = await obtainSources(pinned('fourth'), places, watch);
    expect(changed?.digest).not.toBe(unpacked?.digest);
  });

  test('a folder without them is refused, by what it lacks', async () => {
    const given = temporaryFolder();
    writeFileSync(join(given, 'one_1~git.orig.tar.xz'), 'cut off');
    await expect(
      obtainSources(pinned('fifth'), { given, cache: given, mirrors: [] }, watch),
    ).rejects.toMatchObject({
      where: given,
      found: 'no folder one, and no archive that has the pinned content',
      expected: `a folder one, or one_1~git.orig.tar.xz (${digest('fifth')})`,
    });
  });

  test('where nobody has them, the error lists the places and what to bring', async () => {
    await expect(
      obtainSources(pinned('sixth'), { cache: temporaryFolder(), mirrors: [`${mirror}/empty`] }, watch),
    ).rejects.toMatchObject({
      where: 'one sources',
      found: expect.stringContaining(`${mirror}/empty/pool/main/o/one/one_1%7egit.orig.tar.xz`),
      next: expect.stringContaining('nas runner build --sources FOLDER'),
    });
  });

  test('a stopped download leaves nothing behind', async () => {
    const controller = new AbortController();
    const cache = temporaryFolder();
    const stopped = obtainSources(
      pinned('seventh'),
      { cache, mirrors: [mirror] },
      { report: () => controller.abort(new Error('stopped')), signal: controller.signal },
    );
    await expect(stopped).rejects.toThrow('stopped');
    expect(readdirSync(cache)).toEqual([]);
  });
});
