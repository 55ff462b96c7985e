import { writeFile } from 'node:fs/promises';
import { createRng } from '../../base/rng.ts';
import type { ImageCounts } from '../../datasets/dataset.ts';
import { createBatchPlan, type PlannedBatch } from '../batch-plan.ts';
import { encodeSafetensors, type StoredTensor } from '../safetensors.ts';
import type { TrainRequest } from '../trainer.ts';

/** Writes the batches of a whole training, every array as a tensor [steps, batch]. */
export async function writeBatchPlan(
  path: string,
  { recipe, seed }: Pick<TrainRequest, 'recipe' | 'seed'>,
  images: ImageCounts,
): Promise<void> {
  const plan = createBatchPlan(recipe, images, createRng(seed));
  const { batchSize, epochs } = recipe;
  const steps = plan.stepsPerEpoch * epochs;
  const all = {
    indices: new Int32Array(steps * batchSize),
    flips: new Uint8Array(steps * batchSize),
    shiftsY: new Int8Array(steps * batchSize),
    shiftsX: new Int8Array(steps * batchSize),
    cutoutsY: new Int16Array(steps * batchSize),
    cutoutsX: new Int16Array(steps * batchSize),
  } satisfies PlannedBatch;
  let place = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (const batch of plan.nextEpoch()) {
      for (const name of Object.keys(all) as (keyof PlannedBatch)[]) all[name].set(batch[name], place);
      place += batchSize;
    }
  }
  const shape = [steps, batchSize];
  const tensors = new Map<string, StoredTensor>(
    Object.entries(all).map(([name, data]) => [name, { shape, data }]),
  );
  await writeFile(path, encodeSafetensors({ tensors, metadata: {} }));
}
