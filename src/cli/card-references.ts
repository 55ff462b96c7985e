import { messageOf, NasError } from '../base/errors.ts';
import { graphCost } from '../graph/cost.ts';
import type { CardReference, CardTraining } from '../report/card.ts';
import { type Architecture, buildGraph } from '../space/network.ts';
import type { StoredTraining } from '../store/trainings.ts';
import { type DeviceOptions, withDevice } from './device-options.ts';
import { readSpace, shippedNames } from './space-files.ts';
import { storedTrainings } from './stored-trainings.ts';
import type { Work } from './work.ts';

/** References on a card: of each family the one whose multiply-accumulates are nearest to the network's, the nearest ones. */
const REFERENCES = 6;

/** Longest time that measuring them may take: where the machine is busy the card goes without those that are left. */
const LONGEST_MS = 60_000;

/** A reference network and its latency on the device, or null where it could not be measured. */
export interface MeasuredReference extends Omit<CardReference, 'own'> {}

/** Measures reference networks of about a number of MACs as deployed, side by side. */
export async function measureReferences(
  macs: number,
  options: DeviceOptions,
  work: Work,
): Promise<readonly MeasuredReference[]> {
  const references = nearestReferences(macs);
  const latencies = new Map<string, number>();
  const limit = AbortSignal.timeout(LONGEST_MS);
  const signal = AbortSignal.any([work.signal, limit]);
  try {
    await withDevice(options, work, async (device) => {
      const networks = references.map(({ architecture }) => ({
        name: architecture.name,
        graph: buildGraph(architecture),
      }));
      for await (const { name, medianMs } of device.measureNetworks(networks, { signal })) {
        latencies.set(name, medianMs);
        work.progress.live(`${latencies.size}/${references.length} reference networks`);
      }
    });
  } catch (error) {
    // The card is whole without them.
    if (work.signal.aborted || !(limit.aborted || error instanceof NasError)) throw error;
    const why = limit.aborted ? 'the device is too busy' : messageOf(error);
    work.progress.line(`warning  not all reference networks were measured: ${why}`);
  }
  work.progress.clear();
  return references.map(({ architecture: { name, publishedTop1 = null }, ...cost }) => ({
    ...{ name, params: cost.params, macs: cost.macs, publishedTop1 },
    latencyMs: latencies.get(name) ?? null,
  }));
}

/** Published networks that come with the program, one a family. */
function nearestReferences(macs: number) {
  const distance = (reference: { readonly macs: number }): number =>
    Math.abs(Math.log(reference.macs / macs));
  const families = new Set<string>();
  return shippedNames()
    .map((name) => readSpace(name).space)
    .filter(({ decisions }) => decisions.length === 0)
    .map((space) => {
      const architecture: Architecture = space.decode([]);
      return { architecture, ...graphCost(buildGraph(architecture)) };
    })
    .filter(({ architecture }) => architecture.publishedTop1 !== undefined)
    .sort((a, b) => distance(a) - distance(b))
    .filter(({ architecture: { family } }) => {
      const isNew = !families.has(family);
      families.add(family);
      return isNew;
    })
    .slice(0, REFERENCES);
}

/** With the accuracies that they reached here, in the newest full training of each on a dataset. */
export function cardReferences(
  references: readonly MeasuredReference[],
  dataset: string,
): readonly CardReference[] {
  const trainings = storedTrainings();
  return references.map((reference) => {
    const own = trainings.find(
      (training) =>
        training.network === reference.name &&
        training.dataset === dataset &&
        // Our own document, as it was stored.
        ((training.build as { readonly width?: number }).width ?? 1) === 1,
    );
    return { ...reference, own: own === undefined ? null : cardTraining(own) };
  });
}

export function cardTraining({ id, best, epochs, initialWeights }: StoredTraining): CardTraining {
  const { validationAccuracy: validation, testAccuracy: test = null } = best;
  const fromWeights = initialWeights !== undefined;
  return { training: id, validation, test, epochs: epochs.length, fromWeights };
}
