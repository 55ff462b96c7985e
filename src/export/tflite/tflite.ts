import { programOfGraph } from '../../devices/program.ts';
import { networkModel } from '../../devices/runtimes/litert/tflite/network-model.ts';
import { serializeTflite } from '../../devices/runtimes/litert/tflite/serialize.ts';
import { type ExportFormat, plainStem } from '../format.ts';
import { trainedParameters } from './trained-parameters.ts';

/** The very file that devices are measured with, of trained weights: batch-norms folded, activations fused. */
export const tfliteFormat: ExportFormat = {
  about: 'TensorFlow Lite, for LiteRT on phones; batch-norm folded into the weights',
  suffix: '.tflite',
  layout: 'NHWC',
  stemOf: plainStem,
  write(network) {
    const model = networkModel(programOfGraph(network.graph), trainedParameters(network));
    return [{ suffix: '.tflite', content: serializeTflite(model) }];
  },
};
