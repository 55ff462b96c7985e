import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NasError } from '../../src/base/errors.ts';
import { parseJson, parseWith } from '../../src/base/parse.ts';
import { answerSchema } from '../../src/devices/runner-protocol.ts';
import { parseTable } from '../../src/latency/parse-table.ts';
import { checkSpace } from '../../src/space/reachable.ts';
import { parseSpace } from '../../src/space/search-space.ts';
import { decodeSafetensors } from '../../src/trainers/safetensors.ts';
import { parseBenchmark } from '../../src/trainers/tabular/benchmark.ts';

/** A folder of hostile files each, named by what is wrong with them, and what reads such files. */
const READERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  spaces: (bytes) => checkSpace(parseSpace(parseJson(String(bytes), 'file'), 'file')),
  tables: (bytes) => parseTable(String(bytes), 'file'),
  benchmarks: (bytes) => parseBenchmark(parseJson(String(bytes), 'file'), 'file'),
  weights: (bytes) => decodeSafetensors(bytes, 'file'),
  answers: (bytes) => parseWith(answerSchema, parseJson(String(bytes), 'file'), 'file'),
};

const CORPUS = new URL('./corpus/', import.meta.url);

test('every folder of the corpus has a reader', () => {
  expect(readdirSync(CORPUS).sort()).toEqual(Object.keys(READERS).sort());
});

describe.each(Object.entries(READERS))('of the %s', (folder, read) => {
  const at = new URL(`${folder}/`, CORPUS);
  test.each(readdirSync(at))('%s is refused in words', (name) => {
    const bytes = readFileSync(new URL(name, at));
    expect(() => read(bytes)).toThrow(NasError);
    // One or two lines on a terminal, not a document.
    expect(() => read(bytes)).toThrow(/^file.{1,400}$/su);
  });
});
