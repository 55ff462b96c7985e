import type { Graph, NodeId } from '../../graph/graph.ts';
import type { Shape } from '../../graph/op.ts';
import { expressionOf } from './expressions.ts';
import type { Helper } from './helpers.ts';
import type { NetworkLayer } from './layers.ts';
import { moduleOf } from './modules.ts';

/** The body of a layer's class: layers of one text are of one class. */
export interface LayerCode {
  readonly text: string;
  readonly helpers: readonly Helper[];
}

const VARIABLES = 'xyzuvw';

export function layerCode(graph: Graph, layer: NetworkLayer): LayerCode {
  const modules: string[] = [];
  const statements: string[] = [];
  const helpers: Helper[] = [];
  const variables = new Map<NodeId, string>([[layer.input, 'x']]);
  for (const id of layer.nodes) {
    const node = graph.nodes[id];
    if (node === undefined) continue;
    const input = graph.nodes[node.inputs[0] ?? 0]?.shape ?? ([0, 0, 0] satisfies Shape);
    const name = layer.nameOf(id);
    const module = moduleOf(node, input);
    if (module !== undefined) modules.push(`self.${name} = ${module}`);
    const read = node.inputs.map((source) => variables.get(source) ?? '');
    const { text, helper } = expressionOf(node, input, read, `self.${name}`);
    if (helper !== undefined) helpers.push(helper);
    // What nobody reads any more frees its variable.
    for (const source of [...variables.keys()]) {
      if (source !== layer.output && !isReadAfter(graph, layer, source, id)) variables.delete(source);
    }
    const variable = freeVariable([...variables.values()]);
    variables.set(id, variable);
    statements.push(`${variable} = ${text}`);
  }
  const result = variables.get(layer.output) ?? 'x';
  const lines = [
    ...(modules.length === 0
      ? []
      : ['def __init__(self):', '    super().__init__()', ...modules.map((line) => `    ${line}`), '']),
    'def forward(self, x):',
    ...[...statements, `return ${result}`].map((line) => `    ${line}`),
  ];
  return { text: lines.map((line) => (line === '' ? '' : `    ${line}`)).join('\n'), helpers };
}

function isReadAfter(graph: Graph, { nodes }: NetworkLayer, source: NodeId, after: NodeId): boolean {
  return nodes.some((id) => id > after && graph.nodes[id]?.inputs.includes(source));
}

function freeVariable(taken: readonly string[]): string {
  const letter = [...VARIABLES].find((candidate) => !taken.includes(candidate));
  if (letter !== undefined) return letter;
  let number = 0;
  while (taken.includes(`x${number}`)) number++;
  return `x${number}`;
}
