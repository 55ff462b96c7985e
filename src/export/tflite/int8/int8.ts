import type { TrainedNetwork } from '../../trained-network.ts';
import { float32Model, tfliteFile } from '../tflite.ts';
import { affineAsDepthwise } from './affine-as-depthwise.ts';
import { type RunModel, tensorRanges } from './calibrate.ts';
import { quantizeModel } from './quantize-model.ts';

/**
 * A trained network as a .tflite file that computes in int8, calibrated by images of its input's shape, given as it
 * takes them. `run` is the runtime that computes what its tensors hold.
 */
export async function int8File(
  network: TrainedNetwork,
  images: Iterable<Float32Array>,
  run: RunModel,
): Promise<Uint8Array> {
  const model = affineAsDepthwise(float32Model(network));
  return tfliteFile(network, quantizeModel(model, await tensorRanges(model, images, run)));
}
