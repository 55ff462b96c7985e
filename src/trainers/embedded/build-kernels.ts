/**
 * Compiles kernels/*.c to WebAssembly, with fused multiply-adds and without; `npm run build` runs it after tsc. Writes
 * `kernels-fused.wasm` and `kernels.wasm` beside the compiled trainer and, beside each, a digest of sources, compiler and
 * flags: while the digest stays, a build costs nothing.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf } from '../../base/digest.ts';
import { messageOf, NasError } from '../../base/errors.ts';

const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
const SOURCES = join(REPOSITORY, 'src/trainers/embedded/kernels');
const OUTPUT = join(REPOSITORY, 'dist/trainers/embedded');

/** No fast-math: sums keep their order, so that the same kernels give the same bits on every machine. */
const FLAGS = [
  '--target=wasm32',
  '-O3',
  '-msimd128',
  '-mbulk-memory',
  '-nostdlib',
  '-ffreestanding',
  '-Wall',
  '-Werror',
  '-Wl,--no-entry',
  '-Wl,--import-memory',
  '-Wl,--export=__heap_base',
  '-Wl,-z,stack-size=65536',
  '-Wl,--max-memory=4294967296',
];

const MODULES: Readonly<Record<string, readonly string[]>> = {
  'kernels.wasm': ['-ffp-contract=off'],
  'kernels-fused.wasm': ['-ffp-contract=fast', '-mrelaxed-simd'],
};

async function readSources(): Promise<Record<string, string>> {
  const names = (await readdir(SOURCES)).filter((name) => /\.[ch]$/.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(SOURCES, name), 'utf8')));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? '']));
}

async function compilerVersion(): Promise<string> {
  const main = createRequire(import.meta.url).resolve('@yowasp/clang');
  const manifest: unknown = JSON.parse(await readFile(join(dirname(main), '../package.json'), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}

async function compile(sources: Record<string, string>, flags: readonly string[]): Promise<Uint8Array> {
  const { commands, runLLVM } = await import('@yowasp/clang');
  // Loads the compiler beforehand: left to itself it prints its progress.
  await runLLVM(undefined, {}, { fetchProgress: () => undefined });
  const units = Object.keys(sources).filter((name) => name.endsWith('.c'));
  const diagnostics: Uint8Array[] = [];
  try {
    const tree = await commands.clang([...flags, ...units, '-o', 'kernels.wasm'], sources, {
      stderr: (bytes) => void (bytes && diagnostics.push(bytes.slice())),
    });
    const module = tree?.['kernels.wasm'];
    if (module instanceof Uint8Array) return module;
    throw new Error('no kernels.wasm was written');
  } catch (thrown) {
    throw new NasError('src/trainers/embedded/kernels', {
      found: `clang failed: ${Buffer.concat(diagnostics).toString().trim() || messageOf(thrown)}`,
      expected: 'C that compiles without warnings',
      next: 'mend the line it names and run npm run build again',
      cause: thrown,
    });
  }
}

/** Builds what is out of date. */
async function buildKernels(): Promise<void> {
  const sources = await readSources();
  const compiler = await compilerVersion();
  await mkdir(OUTPUT, { recursive: true });
  for (const [name, ownFlags] of Object.entries(MODULES)) {
    const flags = [...FLAGS, ...ownFlags];
    const digest = digestOf({ sources, flags, compiler });
    const file = join(OUTPUT, name);
    const digestFile = `${file}.sources`;
    const built = await readFile(digestFile, 'utf8').catch(() => '');
    if (built === digest && (await readFile(file).catch(() => undefined))) continue;
    const module = await compile(sources, flags);
    await rm(digestFile, { force: true });
    await writeFile(file, module);
    await writeFile(digestFile, digest);
  }
}

try {
  await buildKernels();
} catch (thrown) {
  process.stderr.write(`${messageOf(thrown)}\n`);
  process.exitCode = 1;
}
