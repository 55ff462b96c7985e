import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NasError } from '../../../base/errors.ts';
import { liteRtWasmFolder } from '../../runtimes/litert/load-litert.ts';
import { PATHS } from './page-messages.ts';

export interface PageFile {
  readonly path: string;
  readonly type: string;
}

/** Bundled, wherever this file runs from: the same path leads there from src and from dist. */
const PAGE = fileURLToPath(new URL('../../../../dist/web/harness/', import.meta.url));

const SCRIPT = 'text/javascript; charset=utf-8';

/** Those that LiteRT chooses from by what the browser can do. */
const LITERT_BUILDS = ['', '_compat', '_jspi', '_threaded'];

/** Every file that is served, by the path it is asked for. Nothing else on this machine is ever looked up. */
export function pageFiles(): ReadonlyMap<string, PageFile> {
  if (!existsSync(join(PAGE, 'page.js'))) {
    throw new NasError('the page for browsers', {
      found: 'not built',
      expected: 'dist/web/harness/page.js',
      next: 'npm run build',
    });
  }
  const wasm = liteRtWasmFolder();
  return new Map<string, PageFile>([
    ['/', { path: join(PAGE, 'index.html'), type: 'text/html; charset=utf-8' }],
    ['/style.css', { path: join(PAGE, 'style.css'), type: 'text/css; charset=utf-8' }],
    ['/page.js', { path: join(PAGE, 'page.js'), type: SCRIPT }],
    ['/worker.js', { path: join(PAGE, 'worker.js'), type: SCRIPT }],
    ...LITERT_BUILDS.flatMap((build): [string, PageFile][] => {
      const name = `litert_wasm${build}_internal`;
      return [
        [`${PATHS.liteRt}${name}.js`, { path: join(wasm, `${name}.js`), type: SCRIPT }],
        [`${PATHS.liteRt}${name}.wasm`, { path: join(wasm, `${name}.wasm`), type: 'application/wasm' }],
      ];
    }),
  ]);
}
