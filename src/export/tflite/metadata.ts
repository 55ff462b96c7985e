import { Builder, type Offset } from 'flatbuffers';
import { writeOffsets } from '../../devices/runtimes/litert/tflite/vectors.ts';
import { inputNote, type Normalisation } from '../normalisation.ts';
import type { TrainedNetwork } from '../trained-network.ts';

/** The name under which readers look for it in a file. */
export const METADATA_NAME = 'TFLITE_METADATA';

const FILE_IDENTIFIER = 'M001';
/** Slots of the tables, by the order of the fields in the public schema. */
const MODEL = { name: 0, description: 1, subgraphs: 3, count: 4 } as const;
const SUBGRAPH = { inputs: 2, outputs: 3, count: 4 } as const;
const TENSOR = { name: 0, description: 1, processUnits: 4, count: 5 } as const;
const PROCESS_UNIT = { type: 0, options: 1, count: 2 } as const;
const NORMALIZATION = { mean: 0, deviation: 1, count: 2 } as const;
/** Of the union ProcessUnitOptions. */
const NORMALIZATION_OPTIONS = 1;

/**
 * What a .tflite file tells of itself, in the form that TensorFlow Lite's tools and task libraries read:
 * https://github.com/tensorflow/tflite-support/blob/master/tensorflow_lite_support/metadata/metadata_schema.fbs
 * Above all (pixel − mean) / deviation, which they then do by themselves. A network that takes pixels has a mean of 0
 * and a deviation of 1.
 */
export function tfliteMetadata({ name, graph, images }: TrainedNetwork): Uint8Array {
  const builder = new Builder(1024);
  const channels = graph.nodes[0]?.shape[2] ?? 0;
  const plain = {
    mean: Array.from({ length: channels }, () => 0),
    standardDeviation: Array.from({ length: channels }, () => 1),
  };
  const normalisation = images.values === 'pixels' ? plain : images.normalisation;
  const units =
    normalisation === undefined ? 0 : writeOffsets(builder, [processUnit(builder, normalisation)]);
  const inputs = writeOffsets(builder, [tensor(builder, 'image', `Images: ${inputNote(images)}.`, units)]);
  const outputs = writeOffsets(builder, [
    tensor(builder, 'logits', 'One number a class, before a softmax.', 0),
  ]);
  builder.startObject(SUBGRAPH.count);
  builder.addFieldOffset(SUBGRAPH.inputs, inputs, 0);
  builder.addFieldOffset(SUBGRAPH.outputs, outputs, 0);
  const subgraphs = writeOffsets(builder, [builder.endObject()]);
  const [title, description] = [builder.createString(name), builder.createString('Written by nas export.')];
  builder.startObject(MODEL.count);
  builder.addFieldOffset(MODEL.name, title, 0);
  builder.addFieldOffset(MODEL.description, description, 0);
  builder.addFieldOffset(MODEL.subgraphs, subgraphs, 0);
  builder.finish(builder.endObject(), FILE_IDENTIFIER);
  return builder.asUint8Array();
}

function tensor(builder: Builder, name: string, about: string, processUnits: Offset): Offset {
  const [title, description] = [builder.createString(name), builder.createString(about)];
  builder.startObject(TENSOR.count);
  builder.addFieldOffset(TENSOR.name, title, 0);
  builder.addFieldOffset(TENSOR.description, description, 0);
  builder.addFieldOffset(TENSOR.processUnits, processUnits, 0);
  return builder.endObject();
}

function processUnit(builder: Builder, { mean, standardDeviation }: Normalisation): Offset {
  const [means, deviations] = [floats(builder, mean), floats(builder, standardDeviation)];
  builder.startObject(NORMALIZATION.count);
  builder.addFieldOffset(NORMALIZATION.mean, means, 0);
  builder.addFieldOffset(NORMALIZATION.deviation, deviations, 0);
  const options = builder.endObject();
  builder.startObject(PROCESS_UNIT.count);
  builder.addFieldInt8(PROCESS_UNIT.type, NORMALIZATION_OPTIONS, 0);
  builder.addFieldOffset(PROCESS_UNIT.options, options, 0);
  return builder.endObject();
}

function floats(builder: Builder, values: readonly number[]): Offset {
  builder.startVector(4, values.length, 4);
  for (const value of values.toReversed()) builder.addFloat32(value);
  return builder.endVector();
}
