import type { NodeId } from '../../graph/graph.ts';
import type { Shape } from '../../graph/op.ts';
import { foldedNetwork } from '../folded-network.ts';
import { type ExportFormat, plainStem } from '../format.ts';
import { inputNote } from '../normalisation.ts';
import type { TrainedNetwork } from '../trained-network.ts';
import { lowerToOnnx } from './lowering.ts';
import { OnnxModelBuilder } from './model.ts';

/** For ONNX Runtime and the many that read its files. */
export const onnxFormat: ExportFormat = {
  about: 'ONNX, for ONNX Runtime and others; batch-norm folded, any number of images at once',
  suffix: '.onnx',
  layout: 'NCHW',
  stemOf: plainStem,
  write: (network) => [{ suffix: '.onnx', content: onnxModel(foldedNetwork(network)) }],
};

function onnxModel(network: TrainedNetwork): Uint8Array {
  const { name, images } = network;
  const { nodes, output } = network.graph;
  const builder = new OnnxModelBuilder();
  const tensors = new Map<NodeId, string>();
  nodes.forEach((node, id) => {
    const inputs = node.inputs.map((source) => tensors.get(source) ?? '');
    const inputShape = shapeAt(network, node.inputs[0] ?? 0);
    tensors.set(id, lowerToOnnx({ id, node, inputs, inputShape }, { builder, network }));
  });
  const last = tensors.get(output) ?? '';
  const made = shapeAt(network, output);
  const isClassifier = made[0] === 1 && made[1] === 1;
  return builder.build({
    name,
    text: `${name}, written by nas export. Images: ${inputNote(images)}.`,
    input: [nodes[0]?.name ?? '', batched(shapeAt(network, 0))],
    output: isClassifier
      ? [builder.operator('logits', 'Flatten', [last]), ['batch', made[2]]]
      : [last, batched(made)],
    metadata: {
      input: images.values,
      ...(images.normalisation === undefined
        ? {}
        : {
            mean: JSON.stringify(images.normalisation.mean),
            standard_deviation: JSON.stringify(images.normalisation.standardDeviation),
          }),
    },
  });
}

function shapeAt({ graph }: TrainedNetwork, id: NodeId): Shape {
  return graph.nodes[id]?.shape ?? [0, 0, 0];
}

function batched([height, width, channels]: Shape): readonly (number | string)[] {
  return ['batch', channels, height, width];
}
