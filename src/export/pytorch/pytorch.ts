import type { NodeId } from '../../graph/graph.ts';
import { encodeSafetensors, type StoredTensor } from '../../trainers/safetensors.ts';
import type { ExportFormat } from '../format.ts';
import type { TrainedNetwork } from '../trained-network.ts';
import { transpose } from '../transpose.ts';
import { type NetworkLayer, networkLayers } from './layers.ts';
import { moduleText } from './module-text.ts';
import { PYTORCH_ROLE } from './modules.ts';
import { pythonName } from './python.ts';

const WEIGHTS_SUFFIX = '.safetensors';

/** Python code that needs PyTorch alone, as one would write it by hand, and the state of its modules. */
export const pytorchFormat: ExportFormat = {
  about: 'a Python module that needs PyTorch alone, and its weights (.safetensors)',
  suffix: '.py',
  layout: 'NCHW',
  stemOf: pythonName,
  write(network, stem) {
    const layers = networkLayers(network.graph);
    return [
      { suffix: '.py', content: moduleText(network, layers, `${stem}${WEIGHTS_SUFFIX}`) },
      {
        suffix: WEIGHTS_SUFFIX,
        content: encodeSafetensors({ tensors: stateOf(network, layers), metadata: {} }),
      },
    ];
  },
};

/** Parameters by the names of the modules, in the order of PyTorch: outputs first. */
function stateOf(
  { parameters }: TrainedNetwork,
  layers: readonly NetworkLayer[],
): ReadonlyMap<string, StoredTensor> {
  const moduleOf = new Map<NodeId, string>(
    layers.flatMap((layer) => layer.nodes.map((id) => [id, `${layer.name}.${layer.nameOf(id)}`] as const)),
  );
  return new Map(
    parameters.map(({ node, role, dimensions, values }) => {
      const order = dimensions.length === 4 ? [3, 2, 0, 1] : [...dimensions.keys()].reverse();
      return [
        `${moduleOf.get(node)}.${PYTORCH_ROLE[role]}`,
        {
          shape: order.map((axis) => dimensions[axis] ?? 1),
          data: transpose(values, dimensions, order),
        },
      ];
    }),
  );
}
