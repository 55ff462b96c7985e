import { type Graph, GraphBuilder } from '../../src/graph/graph.ts';

/** A small network for the toy dataset, with most kinds of layers. */
export function toyNetwork(width = 10, classes = 4): Graph {
  const graph = new GraphBuilder();
  const stem = graph.convolutionUnit(graph.input([8, 8, 3]), width, 'hswish', { kernel: 3 });
  const deep = graph.convolutionUnit(stem, width, 'relu', { kernel: 3, groups: width });
  const block = graph.batchNorm(graph.convolution(deep, width));
  const sum = graph.add({ kind: 'add' }, [stem, block]);
  return graph.build(graph.linear(graph.globalAveragePool(sum), classes));
}
