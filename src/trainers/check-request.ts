import { messageOf, NasError } from '../base/errors.ts';
import type { DatasetFacts } from '../datasets/dataset.ts';
import type { Graph } from '../graph/graph.ts';
import { inferShape, printShape } from '../graph/shape.ts';
import type { TrainRequest } from './trainer.ts';

/** Throws a NasError unless the graph is whole and suits the dataset; `where` is the trainer's name. */
export function checkRequest(
  { graph, recipe }: Pick<TrainRequest, 'graph' | 'recipe'>,
  { name, train, classes }: Pick<DatasetFacts, 'name' | 'train' | 'classes'>,
  where: string,
): void {
  checkGraph(where, graph);
  const refuse = (found: string, expected: string): never => {
    throw new NasError(where, { found, expected });
  };
  const [input, output] = [graph.nodes[0], graph.nodes[graph.output]].map((node) =>
    printShape(node?.shape ?? [0, 0, 0]),
  );
  const images = printShape([train.height, train.width, train.channels]);
  if (input !== images) refuse(`the network takes ${input} images`, `${images}, as ${name} has them`);
  const logits = printShape([1, 1, classes.length]);
  if (output !== logits)
    refuse(`the network gives ${output} logits`, `${logits}, one for each class of ${name}`);
  if (recipe.batchSize > train.count) {
    refuse(
      `a batch of ${recipe.batchSize} out of ${train.count} training images`,
      'at least one whole batch',
    );
  }
}

function checkGraph(where: string, { nodes, output }: Graph): void {
  const broken = (found: string, expected: string, cause?: unknown): NasError =>
    new NasError(where, { found: `a broken graph: ${found}`, expected, cause });
  if (nodes[0]?.op.kind !== 'input')
    throw broken(`it begins with ${nodes[0]?.op.kind ?? 'nothing'}`, 'input');
  if (nodes[output] === undefined) throw broken(`its output is node ${output}`, `one of ${nodes.length}`);
  for (const [id, node] of nodes.entries()) {
    const late = node.inputs.find((input) => !(input >= 0 && input < id));
    if (late !== undefined) throw broken(`${node.name} reads node ${late}`, `one of the ${id} before it`);
    const shapes = node.inputs.flatMap((input) => (nodes[input] ? [nodes[input].shape] : []));
    let shape: string;
    try {
      shape = printShape(inferShape(node.op, shapes, node.name));
    } catch (cause) {
      throw broken(messageOf(cause), 'operations that fit', cause);
    }
    if (shape !== printShape(node.shape)) throw broken(`${node.name} says ${printShape(node.shape)}`, shape);
  }
}
