import { ByteBuffer } from 'flatbuffers';
import { FILE_IDENTIFIER, SLOTS, TENSOR_TYPE } from '../../devices/runtimes/litert/tflite/schema.ts';

/** Whether a .tflite file computes with integers of 8 bits; what is no such file, or cut short, does not. */
export function holdsInt8(content: Uint8Array): boolean {
  const buffer = new ByteBuffer(content);
  const place = (table: number, slot: number): number | undefined => {
    const offset = buffer.__offset(table, 4 + 2 * slot);
    return offset === 0 ? undefined : table + offset;
  };
  const tables = (table: number, slot: number): number[] => {
    const vector = place(table, slot);
    if (vector === undefined) return [];
    const [start, length] = [buffer.__vector(vector), buffer.__vector_len(vector)];
    // Past its end the reader reads zeros.
    if (start + 4 * length > content.byteLength) throw new RangeError('cut short');
    return Array.from({ length }, (_, index) => buffer.__indirect(start + 4 * index));
  };
  try {
    if (!buffer.__has_identifier(FILE_IDENTIFIER)) return false;
    const model = buffer.readInt32(0);
    const tensors = tables(model, SLOTS.Model.subgraphs).flatMap((subgraph) =>
      tables(subgraph, SLOTS.SubGraph.tensors),
    );
    return tensors.some((tensor) => {
      const type = place(tensor, SLOTS.Tensor.type);
      return type !== undefined && buffer.readInt8(type) === TENSOR_TYPE.int8;
    });
  } catch {
    return false;
  }
}
