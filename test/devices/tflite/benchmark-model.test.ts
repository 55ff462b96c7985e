import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeBenchmarkModel } from './contract.ts';

const STAND_IN = fileURLToPath(new URL('./benchmark-model.mjs', import.meta.url));

/** As one program: variables of the environment do not reach another machine. */
function standInLike(version: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'nas-benchmark-')), 'benchmark_model');
  writeFileSync(path, `#!/bin/sh\nLIKE='${version}' exec '${process.execPath}' '${STAND_IN}' "$@"\n`);
  chmodSync(path, 0o755);
  return path;
}

describeBenchmarkModel('a stand-in that writes as LiteRT 2 does', standInLike('LiteRT 2'));
describeBenchmarkModel('a stand-in that writes as TensorFlow 2.2 did', standInLike('TensorFlow 2.2'));

/** A real one: no package registry has any, so it takes somebody who has built or downloaded it. */
const real = process.env.NAS_TEST_BENCHMARK_MODEL;
if (real) describeBenchmarkModel(real, real);
