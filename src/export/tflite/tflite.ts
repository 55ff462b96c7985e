import { programOfGraph } from '../../devices/program.ts';
import type { TfliteModel } from '../../devices/runtimes/litert/tflite/model.ts';
import { networkModel } from '../../devices/runtimes/litert/tflite/network-model.ts';
import { serializeTflite } from '../../devices/runtimes/litert/tflite/serialize.ts';
import { type ExportFormat, plainStem } from '../format.ts';
import type { TrainedNetwork } from '../trained-network.ts';
import { METADATA_NAME, tfliteMetadata } from './metadata.ts';
import { trainedParameters } from './trained-parameters.ts';

/** The very file that devices are measured with, of trained weights: batch-norms folded, activations fused. */
export const tfliteFormat: ExportFormat = {
  about: 'TensorFlow Lite, for LiteRT on phones; batch-norm folded into the weights',
  suffix: '.tflite',
  layout: 'NHWC',
  stemOf: plainStem,
  write: (network) => [{ suffix: '.tflite', content: tfliteFile(network, float32Model(network)) }],
};

/** The network as operators of the format. */
export function float32Model(network: TrainedNetwork): TfliteModel {
  return networkModel(programOfGraph(network.graph), trainedParameters(network));
}

/** The bytes of a file that tells which network it is and what it takes. */
export function tfliteFile(network: TrainedNetwork, model: TfliteModel): Uint8Array {
  return serializeTflite({
    ...model,
    description: `${network.name}, written by nas export`,
    metadata: new Map([[METADATA_NAME, tfliteMetadata(network)]]),
  });
}
