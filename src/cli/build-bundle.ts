/**
 * Bundles the command line and what it starts as workers; `npm run build` runs it after tsc, over whose files it
 * writes. Short commands spend most of their time on finding and reading modules, hundreds of them; so few larger ones.
 * What a command does not need stays in files of its own, and is loaded when it is asked for. Names are kept as they
 * are, so that stack traces can be read, and a program that runs finds most of what it asks for after another build.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';
import { writeWholeFile } from '../files/write-whole-file.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const SOURCE = join(REPOSITORY, 'src');
const OUTPUT = join(REPOSITORY, 'dist');
/** Of many small modules and needed by most commands; other packages are loaded from where they are installed. */
const BUNDLED_PACKAGES = ['commander', 'picocolors', 'zod'];

/** What every command needs, and those that read the store: three files instead of thirty. */
const TOGETHER = [
  // Without what draws, since a package comes with it.
  { name: 'base', test: /\/src\/base\/(?!rng)/ },
  { name: 'store', test: /\/src\/store\// },
  {
    name: 'cli',
    test: /\/node_modules\/(commander|picocolors)\/|\/src\/cli\/(exit|folders|output|version)\.ts$/,
  },
];

/** Files in `dist` that sources name, such as workers: they keep their places. */
function namedEntries(): readonly string[] {
  const named = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [
      ...readFileSync(join(SOURCE, file), 'utf8').matchAll(
        /new URL\('[./]*\/dist\/(.+)\.js', import\.meta\.url\)/g,
      ),
    ])
    .map(([, name = '']) => name);
  return [...new Set(named)].sort();
}

/** A module tells other files' places from its own, which is in no bundle what it was. */
const keepModuleUrls: Plugin = {
  name: 'keep-module-urls',
  transform(code, id) {
    if (!id.startsWith(SOURCE) || !code.includes('import.meta.url')) return null;
    const place = JSON.stringify(id.slice(SOURCE.length + 1).replace(/\.ts$/, '.js'));
    const folder = "import.meta.url.slice(0, import.meta.url.lastIndexOf('/dist/') + 6)";
    return { code: code.replaceAll('import.meta.url', `(${folder} + ${place})`), map: null };
  },
};

const { output } = await build({
  write: false,
  input: Object.fromEntries(
    ['cli/main', ...namedEntries()].map((name) => [name, join(SOURCE, `${name}.ts`)]),
  ),
  platform: 'node',
  tsconfig: join(REPOSITORY, 'tsconfig.json'),
  external: (id) =>
    !/^[./]/.test(id) && !BUNDLED_PACKAGES.some((name) => id === name || id.startsWith(`${name}/`)),
  plugins: [keepModuleUrls],
  logLevel: 'warn',
  output: {
    dir: OUTPUT,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    sourcemap: true,
    minifyInternalExports: false,
    codeSplitting: { groups: [...TOGETHER] },
  },
});

// Whole or not at all, and what begins the program last: somebody may be using what was built before.
for (const file of output.toSorted((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
  const path = join(OUTPUT, file.fileName);
  mkdirSync(dirname(path), { recursive: true });
  writeWholeFile(path, file.type === 'chunk' ? file.code : Buffer.from(file.source));
}
const written = new Set(output.map(({ fileName }) => fileName));
for (const file of readdirSync(join(OUTPUT, 'chunks'))) {
  if (!written.has(`chunks/${file}`)) rmSync(join(OUTPUT, 'chunks', file));
}

function isEntry(file: (typeof output)[number]): boolean {
  return file.type === 'chunk' && file.isEntry;
}
