import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import type * as LiteRtModule from '@litertjs/core';

const PACKAGE = '@litertjs/core';

/**
 * Loads LiteRT's WebAssembly build into this process: SIMD, one thread.
 *
 * The package is made for browsers and workers and expects four things of its surroundings that Node lacks. They
 * are put on the global object here, so call this in a process that exists to run LiteRT and nothing else.
 */
export async function loadLiteRt(): Promise<typeof LiteRtModule> {
  const wasmFolder = liteRtWasmFolder();
  Object.assign(globalThis, {
    // The global object of a worker, where the loader looks for what its script left behind.
    self: globalThis,
    // How a worker runs a classic script; the script is not a module and must see and define globals.
    importScripts(path: string) {
      vm.runInThisContext(readFileSync(path, 'utf8'), { filename: path });
    },
    // The script (made by Emscripten) notices Node and then reads its .wasm as a CommonJS module would.
    require: createRequire(import.meta.url),
    __dirname: wasmFolder,
    __filename: fileURLToPath(import.meta.url),
    // What the script takes its settings from: here, where its messages go.
    Module: { print: report, printErr: report },
  });
  const liteRt = await import('@litertjs/core');
  const { warn } = console;
  // It looks for a GPU first and warns, with a stack trace, that Node has none.
  console.warn = () => {};
  await liteRt.loadLiteRt(`${wasmFolder}/`).finally(() => {
    console.warn = warn;
  });
  return liteRt;
}

/** Lets errors through to standard error, not the account of every model compiled. */
function report(message: string): void {
  if (!/^(INFO|WARNING|VERBOSE):/.test(message)) process.stderr.write(`${message}\n`);
}

/** Version of the installed package. */
export function liteRtVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(liteRtFolder(), 'package.json'), 'utf8'));
  return String((manifest as { version?: unknown }).version);
}

/** Where its WebAssembly builds are. */
export function liteRtWasmFolder(): string {
  return join(liteRtFolder(), 'wasm');
}

function liteRtFolder(): string {
  // The package exports dist/index.js alone; its other files are found from there.
  return dirname(dirname(fileURLToPath(import.meta.resolve(PACKAGE))));
}
