import { execFileSync } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { Header } from 'tar';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { createRng } from '../../src/base/rng.ts';
import { imageFolder } from '../../src/datasets/folder.ts';
import { idxFolder } from '../../src/datasets/idx.ts';
import { shardFolder } from '../../src/datasets/shards.ts';
import { tarMembers } from '../../src/datasets/tar-members.ts';
import { brokenBytes } from '../fuzz/hostile.ts';
import { writeShard } from './shards.ts';
import { temporaryFolder } from './temporary-folder.ts';

const grey = (side = 4): Promise<Buffer> =>
  sharp({ create: { width: side, height: side, channels: 3, background: '#888' } })
    .png()
    .toBuffer();

const request = { trainImages: 1, validationImages: 1, resolution: 4, rng: createRng('hostile') };

/** A shard whose first header says something else. */
function shardWith(path: string, change: (block: Buffer) => void): void {
  writeShard(path, { 'x.png': 'x', 'x.cls': '0' });
  const bytes = readFileSync(path);
  const block = bytes.subarray(0, 512);
  change(block);
  // The sum of the header's bytes with blanks for the sum itself, as octal digits.
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  writeFileSync(path, bytes);
}

function readAll(path: string): void {
  for (const member of tarMembers(path)) member.read();
}

describe('a tar archive', () => {
  test('with bytes changed, cut out and put in is read or refused, and comes to an end', () => {
    const path = join(temporaryFolder(), 'a.tar');
    const long = `${'deep/'.repeat(40)}long.png`;
    writeShard(path, { 'x.png': 'x'.repeat(600), 'x.cls': '0', [long]: 'y', '../up.cls': '1' });
    const good = readFileSync(path);
    fc.assert(
      fc.property(brokenBytes(good), (broken) => {
        writeFileSync(path, broken);
        try {
          let members = 0;
          for (const member of tarMembers(path)) {
            expect(++members).toBeLessThan(100);
            expect(member.read()).toHaveLength(member.bytes);
          }
        } catch (error) {
          if (!(error instanceof NasError)) throw error;
        }
      }),
      { numRuns: 500, seed: 6 },
    );
  });

  test.each<[string, (block: Buffer) => void, RegExp]>([
    [
      'of more bytes than there are numbers',
      (block) => block.fill(127, 125, 136).writeUInt8(128, 124),
      /no header/,
    ],
    ['of more bytes than it has', (block) => block.write('77777777777\0', 124, 'latin1'), /it ends at byte/],
  ])('%s is refused', (_, change, message) => {
    const path = join(temporaryFolder(), 'a.tar');
    shardWith(path, change);
    expect(() => readAll(path)).toThrow(message);
    expect(() => readAll(path)).toThrow(NasError);
  });

  test('with a file of one and a half bytes is refused', () => {
    const path = join(temporaryFolder(), 'a.tar');
    const record = '12 size=1.5\n';
    const blocks = (['ExtendedHeader', 'File'] as const).map((type) => {
      const block = Buffer.alloc(512);
      new Header({ path: 'x', type, size: type === 'File' ? 0 : record.length, mode: 0o644 }).encode(block);
      return block;
    });
    const text = Buffer.alloc(512);
    text.write(record);
    writeFileSync(path, Buffer.concat([blocks[0]!, text, blocks[1]!, Buffer.alloc(1024)]));
    expect(() => readAll(path)).toThrow('a file of 1.5 bytes, by the header at byte 1024');
  });

  test('with a name of two megabytes is refused before it is read', () => {
    const path = join(temporaryFolder(), 'a.tar');
    const header = new Header({ path: 'x', type: 'NextFileHasLongPath', size: 2 << 20, mode: 0o644 });
    const block = Buffer.alloc(512);
    header.encode(block);
    writeFileSync(path, Buffer.concat([block, Buffer.alloc(2 << 20, 'a'), Buffer.alloc(1024)]));
    expect(() => [...tarMembers(path)]).toThrow('a name of 2097152 bytes at byte 512');
  });

  test('whose names lead out of every folder is read where it lies, and writes nothing', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.tar');
    writeShard(path, { 'x.png': await grey(), 'x.cls': '0', 'y.png': await grey(), 'y.cls': '1' });
    const bytes = readFileSync(path);
    // `x.png` and `x.cls` become `/etc/x.png` and so on, by their headers' prefix.
    for (let at = 0; at < bytes.length; at += 512) {
      const block = bytes.subarray(at, at + 512);
      if (block.toString('latin1', 257, 262) !== 'ustar') continue;
      block.write('../../../../../../etc', 345, 'latin1');
      block.fill(' ', 148, 156);
      const sum = block.reduce((total, byte) => total + byte, 0);
      block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    }
    writeFileSync(path, bytes);
    expect([...tarMembers(path)].map((member) => member.path)).toContain('../../../../../../etc/x.png');
    const { train } = await shardFolder(folder).load(request);
    expect(train.count).toBe(1);
  });
});

describe('an image', () => {
  const refusalOf = async (content: Buffer | string): Promise<unknown> => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'x.png'), content);
    }
    return imageFolder(folder)
      .load(request)
      .then(
        () => undefined,
        (error: unknown) => error,
      );
  };

  test('that is a drawing, whatever its name, is not drawn', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="/etc/passwd"/></svg>';
    expect(await refusalOf(svg)).toMatchObject({
      name: 'NasError',
      message: expect.stringContaining('it is svg'),
    });
  });

  test('of a few bytes that says it has more pixels than any memory is refused', async () => {
    const bomb = await sharp({
      create: { width: 16_000, height: 16_000, channels: 3, background: '#000' },
      limitInputPixels: false,
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(bomb.length).toBeLessThan(2 ** 20);
    expect(await refusalOf(bomb)).toMatchObject({
      name: 'NasError',
      message: expect.stringContaining('pixel limit'),
    });
  });

  test('with bytes changed, cut out and put in is decoded or refused', async () => {
    const good = await grey(8);
    const folder = temporaryFolder();
    for (const name of ['a', 'b']) await mkdir(join(folder, name));
    await fc.assert(
      fc.asyncProperty(brokenBytes(good), async (broken) => {
        for (const name of ['a', 'b']) await writeFile(join(folder, name, 'x.png'), broken);
        await imageFolder(folder)
          .load(request)
          .catch((error: unknown) => expect(error).toBeInstanceOf(NasError));
      }),
      { numRuns: 100, seed: 7 },
    );
  });

  test('that is a pipe, or a link to one that is not there, is not waited for', async () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b']) {
      await mkdir(join(folder, name));
      await writeFile(join(folder, name, 'x.png'), await grey());
      execFileSync('mkfifo', [join(folder, name, 'pipe.png')]);
    }
    expect((await imageFolder(folder).load(request)).train.count).toBe(1);
    symlinkSync('/no/such/file', join(folder, 'a', 'link.png'));
    await expect(imageFolder(folder).load({ ...request, trainImages: 2 })).rejects.toThrow(NasError);
  });
});

describe('an idx file', () => {
  const idx = (sizes: readonly number[], bytes = 0): Buffer => {
    const header = Buffer.alloc(4 + 4 * sizes.length);
    header.writeUInt32BE(0x0800 + sizes.length);
    sizes.forEach((size, i) => {
      header.writeUInt32BE(size, 4 + 4 * i);
    });
    return Buffer.concat([header, Buffer.alloc(bytes)]);
  };
  const load = async (images: Buffer, labels: Buffer, suffix = ''): Promise<unknown> => {
    const folder = temporaryFolder();
    await writeFile(join(folder, `train-images-idx3-ubyte${suffix}`), images);
    await writeFile(join(folder, `train-labels-idx1-ubyte${suffix}`), labels);
    return idxFolder(folder).load(request);
  };

  test('that says it is larger than any memory is refused', async () => {
    const huge = idx([2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1]);
    await expect(load(huge, idx([1], 1))).rejects.toThrow('4294967295×4294967295×4294967295');
  });

  test('of a megabyte that inflates to more than a gigabyte is refused', async () => {
    const chunk = gzipSync(Buffer.alloc(64 << 20));
    // Members of a gzip file follow one another.
    const bomb = Buffer.concat(Array.from({ length: 17 }, () => chunk));
    expect(bomb.length).toBeLessThan(2 << 20);
    await expect(load(bomb, idx([1], 1), '.gz')).rejects.toThrow('larger than 1073741824 bytes');
  });

  test('with bytes changed, cut out and put in is read or refused', async () => {
    await fc.assert(
      fc.asyncProperty(brokenBytes(idx([4, 2, 2], 16)), brokenBytes(idx([4], 4)), async (images, labels) => {
        await load(Buffer.from(images), Buffer.from(labels)).catch((error: unknown) =>
          expect(error).toBeInstanceOf(NasError),
        );
      }),
      { numRuns: 100, seed: 8 },
    );
  });
});
