import { encodeSafetensors, type StoredTensor } from '../../trainers/safetensors.ts';
import { type ExportFormat, plainStem } from '../format.ts';
import { type TrainedNetwork, tensorName } from '../trained-network.ts';

const WEIGHTS_SUFFIX = '.safetensors';

/**
 * The op graph as it is, with the shape that every node makes, and the weights as trainers keep them: for programs
 * of one's own. `--weights` of the other commands reads them.
 */
export const jsonFormat: ExportFormat = {
  about: 'the graph of ops with shapes, and the weights as nas keeps them (.safetensors)',
  suffix: '.json',
  layout: 'NHWC',
  stemOf: plainStem,
  write: (network, stem) => [
    {
      suffix: '.json',
      content: `${JSON.stringify(document(network, `${stem}${WEIGHTS_SUFFIX}`), null, 2)}\n`,
    },
    { suffix: WEIGHTS_SUFFIX, content: encodeSafetensors({ tensors: tensorsOf(network), metadata: {} }) },
  ],
};

function document({ name, graph, parameters, images }: TrainedNetwork, weights: string): unknown {
  return {
    name,
    images,
    weights,
    output: graph.output,
    nodes: graph.nodes.map((node, id) => ({
      id,
      ...node,
      parameters: Object.fromEntries(
        parameters
          .filter((parameter) => parameter.node === id)
          .map((parameter) => [
            parameter.role,
            { tensor: tensorName(parameter), dimensions: parameter.dimensions },
          ]),
      ),
    })),
  };
}

function tensorsOf({ parameters }: TrainedNetwork): ReadonlyMap<string, StoredTensor> {
  return new Map(
    parameters.map((parameter) => [
      tensorName(parameter),
      { shape: parameter.dimensions, data: parameter.values },
    ]),
  );
}
