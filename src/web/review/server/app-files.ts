import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NasError } from '../../../base/errors.ts';

export interface AppFile {
  readonly type: string;
  readonly content: Buffer;
}

/** Bundled, wherever this file runs from: the same path leads there from src and from dist. */
const APP = fileURLToPath(new URL('../../../../dist/web/review/app/', import.meta.url));

const FILES: Readonly<Record<string, readonly [name: string, type: string]>> = {
  '/': ['index.html', 'text/html; charset=utf-8'],
  '/app.js': ['app.js', 'text/javascript; charset=utf-8'],
  '/app.css': ['app.css', 'text/css; charset=utf-8'],
};

/** The pages as they were built, by the path that a browser asks for. Nothing else is ever looked up. */
export function appFiles(): ReadonlyMap<string, AppFile> {
  if (!existsSync(join(APP, 'app.js'))) {
    throw new NasError('the pages for reviewing', {
      found: 'not built',
      expected: 'dist/web/review/app/app.js',
      next: 'npm run build',
    });
  }
  return new Map(
    Object.entries(FILES).map(([path, [name, type]]) => [
      path,
      { type, content: readFileSync(join(APP, name)) },
    ]),
  );
}

/** The script and the styles of the pages, for a file that has them inside. */
export function pageBundle(): { readonly script: string; readonly style: string } {
  const files = appFiles();
  const text = (path: string): string => files.get(path)?.content.toString('utf8') ?? '';
  return { script: text('/app.js'), style: text('/app.css') };
}
