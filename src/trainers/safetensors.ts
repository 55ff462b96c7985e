import { z } from 'zod';
import { NasError } from '../base/errors.ts';
import { parseJson, parseWith } from '../base/parse.ts';

const ARRAYS = {
  F64: Float64Array,
  F32: Float32Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
} as const;
type Dtype = keyof typeof ARRAYS;

/** A tensor in a file; the type of its array tells the dtype. Row-major. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array | Float32Array | Int32Array | Int16Array | Int8Array | Uint8Array;
}

/** What a safetensors file holds (https://huggingface.co/docs/safetensors). */
export interface Safetensors {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes of the header's length, before it. */
const LENGTH_BYTES = 8;
/** As the format's own reader has it. */
const LONGEST_HEADER = 100_000_000;
const METADATA = '__metadata__';

const entrySchema = z.strictObject({
  dtype: z.enum(Object.keys(ARRAYS) as Dtype[]),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});

/** The bytes of a file. Equal contents give equal bytes, in whatever order the tensors came. */
export function encodeSafetensors({ tensors, metadata }: Safetensors): Uint8Array {
  // Wide elements first, so that all are aligned.
  const entries = [...tensors].sort(
    ([a, { data: x }], [b, { data: y }]) => y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header: [string, unknown][] = [];
  const sorted = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (sorted.length > 0) header.push([METADATA, Object.fromEntries(sorted)]);
  let end = 0;
  for (const [name, { shape, data }] of entries) {
    if (data.length !== elements(shape)) {
      throw new RangeError(`${name} has ${data.length} elements and shape [${shape}]`);
    }
    const begin = end;
    end += data.byteLength;
    header.push([name, { dtype: dtypeOf(data), shape, data_offsets: [begin, end] }]);
  }
  const json = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const start = LENGTH_BYTES + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(start + end);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - LENGTH_BYTES), true);
  file.fill(0x20, LENGTH_BYTES, start);
  file.set(json, LENGTH_BYTES);
  let place = start;
  for (const [, { data }] of entries) {
    // In the order of the machine's bytes, which is little-endian wherever Node's releases run but on s390x.
    file.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), place);
    place += data.byteLength;
  }
  return file;
}

/** What the bytes of a file hold. Throws a NasError for anything but a whole, well-formed file. */
export function decodeSafetensors(bytes: Uint8Array, where: string): Safetensors {
  const refuse = (found: string, expected: string): never => {
    throw new NasError(where, { found, expected });
  };
  if (bytes.length < LENGTH_BYTES) refuse(`a file of ${bytes.length} bytes`, 'a safetensors file');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  const bytesAfter = bytes.length - LENGTH_BYTES;
  if (length > bytesAfter)
    refuse(`a header of ${length} bytes`, `at most ${bytesAfter}, the rest of the file`);
  if (length > LONGEST_HEADER) refuse(`a header of ${length} bytes`, `at most ${LONGEST_HEADER}`);
  const start = LENGTH_BYTES + Number(length);
  const text = Buffer.from(bytes.subarray(LENGTH_BYTES, start)).toString();
  const header = parseWith(z.looseObject({}), parseJson(text, where), where);

  let metadata: Readonly<Record<string, string>> = {};
  const found: (z.output<typeof entrySchema> & { readonly name: string; readonly count: number })[] = [];
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) {
      metadata = parseWith(z.record(z.string(), z.string()), value, `${where}: ${METADATA}`);
      continue;
    }
    const entry = parseWith(entrySchema, value, `${where}: ${name}`);
    const [begin, end] = entry.data_offsets;
    const count = elements(entry.shape);
    if (end > bytes.length - start) {
      refuse(`${name} ends at byte ${end} of the data`, `at most ${bytes.length - start}`);
    }
    if (end - begin !== count * ARRAYS[entry.dtype].BYTES_PER_ELEMENT) {
      refuse(`${name} is ${end - begin} bytes long`, `those of ${entry.dtype} of shape [${entry.shape}]`);
    }
    found.push({ ...entry, name, count });
  }
  found.sort((a, b) => a.data_offsets[0] - b.data_offsets[0] || a.count - b.count);
  // Before anything is copied: tensors that overlap can be many times the file.
  let reached = 0;
  for (const { name, data_offsets } of found) {
    const [begin, end] = data_offsets;
    if (begin !== reached) {
      refuse(`${name} begins at byte ${begin} of the data`, `${reached}, where the one before ends`);
    }
    reached = end;
  }
  if (reached !== bytes.length - start)
    refuse(`${bytes.length - start} bytes of data`, `${reached}, as the header says`);
  const tensors = found.map(({ name, dtype, shape, data_offsets: [begin, end] }) => {
    // A copy, because the file's own may not be aligned.
    const data = new ARRAYS[dtype](Uint8Array.from(bytes.subarray(start + begin, start + end)).buffer);
    return [name, { shape, data }] as const;
  });
  return { tensors: new Map(tensors), metadata };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function dtypeOf(data: StoredTensor['data']): Dtype {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof Int16Array) return 'I16';
  return data instanceof Int8Array ? 'I8' : 'U8';
}
