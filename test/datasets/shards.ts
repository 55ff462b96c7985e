import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create } from 'tar';

/** Writes a tar archive of these files, in this order. */
export function writeShard(path: string, files: Readonly<Record<string, Uint8Array | string>>): void {
  const folder = mkdtempSync(join(tmpdir(), 'nas-shard-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), content);
    }
    mkdirSync(dirname(path), { recursive: true });
    create({ file: path, cwd: folder, sync: true, portable: true }, Object.keys(files));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
