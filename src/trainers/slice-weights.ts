import { convolvesChannelsApart } from '../graph/channel-groups.ts';
import type { KeptChannels } from '../graph/channel-slice.ts';
import type { Graph } from '../graph/graph.ts';
import type { Safetensors, StoredTensor } from './safetensors.ts';

/**
 * The weights of a sliced network out of those of the whole one: each tensor `<node>.<role>`, and what an optimiser
 * keeps beside it under `<node>.<role>.<state>`, without the rows and columns of the channels that are cut. Of weights
 * those are the last two axes, [.., inputs / groups, outputs]; all else is a value a channel.
 */
export function sliceWeights(
  graph: Graph,
  kept: KeptChannels,
  tensors: Safetensors['tensors'],
): Map<string, StoredTensor> {
  return new Map(
    [...tensors].map(([name, tensor]) => {
      const [index = '', role] = name.split('.');
      const id = Number(index);
      const node = graph.nodes[id];
      const outputs = kept[id];
      if (node === undefined || outputs === undefined) throw new RangeError(`${name} is of no node`);
      if (role !== 'weight') return [name, gather(tensor, 1, [0], outputs)];
      const input = node.inputs[0] ?? 0;
      const groups = node.op.kind === 'convolution' ? node.op.groups : 1;
      const inputChannels = graph.nodes[input]?.shape[2] ?? 0;
      const inputs = convolvesChannelsApart(node, inputChannels)
        ? [0]
        : // The same of each group, so those of the first tell.
          (kept[input] ?? []).filter((channel) => channel < inputChannels / groups);
      return [name, gather(tensor, inputChannels / groups, inputs, outputs)];
    }),
  );
}

/** Some rows and columns of each of the matrices [rows, columns] that a tensor is made of. */
function gather(
  { shape, data }: StoredTensor,
  rows: number,
  keptRows: readonly number[],
  keptColumns: readonly number[],
): StoredTensor {
  const columns = shape.at(-1) ?? 0;
  const matrices = data.length / (rows * columns);
  const taken = data.slice(0, matrices * keptRows.length * keptColumns.length);
  let place = 0;
  for (let matrix = 0; matrix < matrices; matrix++) {
    for (const row of keptRows) {
      const start = (matrix * rows + row) * columns;
      for (const column of keptColumns) taken[place++] = data[start + column] ?? 0;
    }
  }
  const sizes = [...shape.slice(0, -2), ...(shape.length > 1 ? [keptRows.length] : []), keptColumns.length];
  return { shape: sizes, data: taken };
}
