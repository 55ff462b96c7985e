/**
 * Bundles the pages; `npm run build` runs it after tsc. Each script of a page becomes one file without imports, so
 * that a browser needs nothing but what the page's own server hands out.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE = join(REPOSITORY, 'src/web/harness');
const OUTPUT = join(REPOSITORY, 'dist/web/harness');

await mkdir(OUTPUT, { recursive: true });
for (const file of ['index.html', 'style.css']) await copyFile(join(SOURCE, file), join(OUTPUT, file));
for (const script of ['page', 'worker']) {
  await build({
    input: join(SOURCE, `${script}.ts`),
    platform: 'browser',
    tsconfig: join(REPOSITORY, 'tsconfig.web.json'),
    logLevel: 'warn',
    // Not modules: LiteRT loads its own script by importScripts, which workers that are modules lack.
    output: { file: join(OUTPUT, `${script}.js`), format: 'iife', minify: true },
  });
}
