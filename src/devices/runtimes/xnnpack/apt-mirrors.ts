import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The archives that apt is configured with, most likely first; none on a system without apt. */
export async function aptMirrors(folder = '/etc/apt'): Promise<readonly string[]> {
  const parts = await readdir(join(folder, 'sources.list.d')).catch(() => []);
  const files = ['sources.list', ...parts.sort().map((name) => join('sources.list.d', name))];
  const uris: string[] = [];
  for (const file of files) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => '');
    if (file.endsWith('.list')) uris.push(...urisOfList(text));
    if (file.endsWith('.sources')) uris.push(...urisOfSources(text));
  }
  const mirrors = await Promise.all(uris.map(expandMirrorList));
  return [...new Set(mirrors.flat().map((uri) => uri.replace(/\/+$/, '')))].filter((uri) =>
    /^(https?|file):\/\//.test(uri),
  );
}

/** Of the one-line format: `deb [options] URI suite components`. */
export function urisOfList(text: string): readonly string[] {
  return [...text.matchAll(/^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)/gm)].map(([, uri = '']) => uri);
}

/** Of the deb822 format: paragraphs with a field `URIs`, which may go on over indented lines. */
export function urisOfSources(text: string): readonly string[] {
  const withoutComments = text.replace(/^#.*\n?/gm, '');
  return withoutComments.split(/\n\s*\n/).flatMap((paragraph) => {
    const field = (name: string): string =>
      new RegExp(`^${name}:((?:.|\\n[ \\t])*)`, 'im').exec(paragraph)?.[1]?.trim() ?? '';
    if (/^(no|false|0)$/i.test(field('Enabled'))) return [];
    return field('URIs')
      .split(/\s+/)
      .filter((uri) => uri !== '');
  });
}

/** `mirror+file:PATH` names a file with a mirror a line. */
async function expandMirrorList(uri: string): Promise<readonly string[]> {
  const path = /^mirror\+file:(?:\/\/)?(\/.*)$/.exec(uri)?.[1];
  if (path === undefined) return [uri];
  const text = await readFile(path, 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => line.trim().split(/\s+/).slice(0, 1));
}
