import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BODY = fileURLToPath(new URL('./quick-benchmark-model.sh', import.meta.url));

export type Behaviour = 'works' | 'lacks' | 'fails' | 'crashes' | 'hangs' | 'stays' | 'stops' | 'ignores';

/** A program for `--benchmark-model`, which behaves so after some runs; see the script. */
export function quickBenchmarkModel(behaviour: Behaviour = 'works', after = 0): string {
  const path = join(mkdtempSync(join(tmpdir(), "nas it's quick ")), 'benchmark_model');
  const head = `#!/bin/sh\nbehaviour=${behaviour} after=${after}\n`;
  writeFileSync(path, head + readFileSync(BODY, 'utf8'));
  chmodSync(path, 0o755);
  return path;
}

/** The models that it has run, in order. */
export function modelsRunBy(path: string): readonly string[] {
  const log = `${path}.log`;
  return existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : [];
}

/** What a model of so many bytes "takes". */
export function quickUs(bytes: number): number {
  return 1000 + bytes;
}
