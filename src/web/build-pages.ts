/**
 * Bundles the pages; `npm run build` runs it after tsc. A browser needs nothing but what the page's own server hands
 * out.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { build as buildApp } from 'vite';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

/** What makes a browser a runner: each script becomes one file without imports. */
async function buildHarness(): Promise<void> {
  const source = join(REPOSITORY, 'src/web/harness');
  const output = join(REPOSITORY, 'dist/web/harness');
  await mkdir(output, { recursive: true });
  for (const file of ['index.html', 'style.css']) await copyFile(join(source, file), join(output, file));
  for (const script of ['page', 'worker']) {
    await build({
      input: join(source, `${script}.ts`),
      platform: 'browser',
      tsconfig: join(REPOSITORY, 'tsconfig.web.json'),
      logLevel: 'warn',
      // Not modules: LiteRT loads its own script by importScripts, which workers that are modules lack.
      output: { file: join(output, `${script}.js`), format: 'iife', minify: true },
    });
  }
}

/** Where stored runs are looked at: one script and one style sheet, which a report takes into its file. */
async function buildReview(): Promise<void> {
  await buildApp({
    configFile: false,
    root: join(REPOSITORY, 'src/web/review/app'),
    base: './',
    publicDir: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic' } },
    build: {
      outDir: join(REPOSITORY, 'dist/web/review/app'),
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        output: { entryFileNames: 'app.js', assetFileNames: 'app[extname]', codeSplitting: false },
      },
    },
  });
}

await buildHarness();
await buildReview();
