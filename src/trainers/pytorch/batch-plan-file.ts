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
  const batches: PlannedBatch[] = [];
  for (let epoch = 0; epoch < recipe.epochs; epoch++) batches.push(...plan.nextEpoch());
  await writeBatches(path, batches, recipe.batchSize);
}

/** Writes some batches in their order. */
export async function writeBatches(
  path: string,
  batches: readonly PlannedBatch[],
  batchSize: number,
): Promise<void> {
  const values = batches.length * batchSize;
  const all = {
    indices: new Int32Array(values),
    flips: new Uint8Array(values),
    shiftsY: new Int8Array(values),
    shiftsX: new Int8Array(values),
    cutoutsY: new Int16Array(values),
    cutoutsX: new Int16Array(values),
  } satisfies PlannedBatch;
  for (const [step, batch] of batches.entries()) {
    for (const name of Object.keys(all) as (keyof PlannedBatch)[])
      all[name].set(batch[name], step * batchSize);
  }
  const shape = [batches.length, batchSize];
  const tensors = new Map<string, StoredTensor>(
    Object.entries(all).map(([name, data]) => [name, { shape, data }]),
  );
  await writeFile(path, encodeSafetensors({ tensors, metadata: {} }));
}
