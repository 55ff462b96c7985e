import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { diskTrouble } from '../../src/cli/disk-trouble.ts';
import { addMeasuredTables } from './measured-tables.ts';
import { nas, SEARCH, temporaryProject } from './nas.ts';

test.each([
  ['ENOSPC: no space left on device, write', 'the disk is full: ENOSPC: no space left on device, write'],
  [
    "EROFS: read-only file system, open 'x'",
    "a file or folder cannot be written: EROFS: read-only file system, open 'x'",
  ],
  ['EMFILE: too many open files', 'too many files are open: EMFILE: too many open files'],
])('%s is told in words', (message, told) => {
  expect(diskTrouble(new Error(message))?.message).toBe(told);
});

test.each(['ENOENT: no such file or directory, open', 'x is not a function', ''])(
  '%j is another error',
  (message) => {
    expect(diskTrouble(new Error(message))).toBeUndefined();
  },
);

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs nas in a folder that lies on a disk of its own, which a shell has prepared from the project. */
function onDisk(project: string, disk: string, prepare: string, args: readonly string[]) {
  const script = `mount -t tmpfs -o size=300k none "$1" && cd "$1" && cp -r "$2/runs" "$2/latency-tables" . ${prepare} && shift 2 && exec "$@"`;
  const nasOf = [process.execPath, MAIN, ...args];
  return spawnSync(
    'unshare',
    ['--mount', '--map-root-user', 'sh', '-c', script, 'sh', disk, project, ...nasOf],
    {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    },
  );
}

const mayMount =
  spawnSync('unshare', ['--mount', '--map-root-user', 'mount', '-t', 'tmpfs', 'none', '/mnt']).status === 0;

// Where nothing may be mounted, test/files and test/store stand in, with files that may not grow.
if (mayMount) {
  describe('on a disk of 300 KiB', () => {
    test('a training and a report end in words where the disk is full or read-only, and what is stored is read', async () => {
      const project = await temporaryProject();
      await addMeasuredTables(project);
      const disk = join(project, 'disk');
      mkdirSync(disk);
      const first = await nas([...SEARCH, '--trials', '2'], project);
      expect(first.exitCode).toBe(0);
      const pictures = `folder:${join(project, 'pictures')}`;
      const train = ['train', 'mobilenet-v2', '--width', '0.1', '--epochs', '1', '--dataset', pictures];
      const full = '';
      const readOnly = '&& mount -o remount,ro .';
      for (const [prepare, message] of [
        [full, /^error the disk is full: ENOSPC: .*$/m],
        [readOnly, /^error (runs\/nas\.db|a file or folder cannot be written): .*$/m],
      ] as const) {
        const { status, stderr } = onDisk(project, disk, prepare, train);
        expect(stderr).toMatch(message);
        expect(stderr).not.toMatch(/defect|^\s+at /m);
        expect(status).toBe(2);
      }
      const report = onDisk(project, disk, full, ['report', 'r1', '-o', 'r.html']);
      expect(report.stderr).toMatch(/^error r\.html: cannot be written \(ENOSPC/m);
      expect(onDisk(project, disk, readOnly, ['runs']).status).toBe(0);
    });
  });
}
