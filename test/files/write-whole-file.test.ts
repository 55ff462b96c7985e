import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { writeWholeFile } from '../../src/files/write-whole-file.ts';

const folder = mkdtempSync(join(tmpdir(), "nas it's; whole "));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a file that is written whole', () => {
  test.each([
    ['text', 'ü\n'],
    ['bytes', Uint8Array.of(0, 255, 10)],
    ['nothing', ''],
    ['a part of a buffer', Buffer.from('abcdef').subarray(2, 4)],
  ])('holds %s, and nothing is left beside it', (name, content) => {
    const path = join(folder, name, 'file');
    mkdirSync(join(folder, name));
    for (const before of ['', 'what was there, and is longer']) {
      if (before !== '') writeFileSync(path, before);
      writeWholeFile(path, content);
      expect(readFileSync(path)).toEqual(Buffer.from(content));
      expect(readdirSync(join(folder, name))).toEqual(['file']);
    }
  });

  test('keeps the permissions of what it replaces, and the link that leads to it', () => {
    const path = join(folder, 'private');
    writeFileSync(path, 'before');
    chmodSync(path, 0o600);
    const link = join(folder, 'link');
    symlinkSync(path, link);
    writeWholeFile(link, 'after');
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('after');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is refused where there is no folder, and in the place of one', () => {
    expect(() => writeWholeFile(join(folder, 'none', 'file'), 'x')).toThrow('ENOENT');
    mkdirSync(join(folder, 'taken'));
    expect(() => writeWholeFile(join(folder, 'taken'), 'x')).toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(folder).filter((name) => name.includes('.partial-'))).toEqual([]);
  });
});

describe('on a full disk', () => {
  const script = fileURLToPath(new URL('./write-and-tell.mjs', import.meta.url));
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const unshare = (work: string) =>
    spawnSync(
      'unshare',
      [
        '--mount',
        '--map-root-user',
        'sh',
        '-c',
        `mount -t tmpfs -o size=256k none "$1" && ${work}`,
        'sh',
        disk,
      ],
      { encoding: 'utf8' },
    );
  const mayMount = unshare('true').status === 0;

  // Where nothing may be mounted, files that may not grow stand in for it; the kernel then says EFBIG for ENOSPC.
  test(mayMount ? 'of 256 KiB' : 'as files that may not grow', () => {
    const command = `"${process.execPath}" "${script}" "${join(disk, 'file')}" 1000000`;
    const ended = mayMount
      ? unshare(command)
      : spawnSync('sh', ['-c', `ulimit -f 512; ${command}`], { encoding: 'utf8' });
    expect(ended.stderr).toBe('');
    // What was there is still whole.
    expect(JSON.parse(ended.stdout)).toEqual({ code: mayMount ? 'ENOSPC' : 'EFBIG', bytes: 4, files: 1 });
  });
});
