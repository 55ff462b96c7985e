import {
  type ReferenceNetwork,
  type ReferencesPage,
  referencesPage,
} from '../../report/pages/references-page.ts';
import type { Architecture } from '../../space/network.ts';
import type { SearchSpace } from '../../space/search-space.ts';
import type { Store, StoredRun } from '../../store/store.ts';
import { requireDevice } from '../run-devices.ts';
import { outlineOf } from '../run-outline.ts';
import { tablesOf } from '../run-tables.ts';
import { readSpace, shippedNames } from '../space-files.ts';
import { spaceOf } from '../stored-runs.ts';
import { storedTrainings } from '../stored-trainings.ts';

/**
 * Known networks beside those of a run: the references of its space, what was trained in full on its dataset, and the
 * published networks that its table knows.
 */
export function referencesDocument(store: Store, id: string, device: number): ReferencesPage {
  const run = store.run(id);
  requireDevice(run, device);
  const table = tablesOf(run)[device];
  if (table === undefined) throw new RangeError(`run ${id} has no device ${device}`);
  const networks = [...ofSpace(store, run, spaceOf(run)), ...trainedInFull(run), ...published()];
  return referencesPage(id, networks, table);
}

function ofSpace(store: Store, { id }: StoredRun, space: SearchSpace): readonly ReferenceNetwork[] {
  const references = Object.entries(space.references);
  if (references.length === 0) return [];
  const choices = new Map(store.choices(id).map((trial) => [trial.genotype.join(), trial]));
  return references.map(([name, genotype]): ReferenceNetwork => {
    const trial = choices.get(genotype.join());
    const architecture = space.decode(genotype);
    return trial === undefined
      ? {
          name,
          architecture,
          kind: 'none',
          accuracy: null,
          note: 'a reference of the space, not tried in this run',
        }
      : {
          name,
          architecture,
          kind: 'trial',
          accuracy: trial.accuracy,
          note: `trial ${trial.number} of this run`,
        };
  });
}

/** The best of each network's trainings on the same dataset. */
function trainedInFull({ config }: StoredRun): readonly ReferenceNetwork[] {
  const { dataset } = outlineOf(config);
  const best = new Map<string, ReferenceNetwork>();
  for (const training of storedTrainings()) {
    if (training.dataset !== dataset) continue;
    const { testAccuracy, validationAccuracy } = training.best;
    const accuracy = testAccuracy ?? validationAccuracy;
    if ((best.get(training.network)?.accuracy ?? 0) >= accuracy) continue;
    const images = testAccuracy === undefined ? 'validation' : 'test';
    best.set(training.network, {
      name: training.network,
      kind: 'training',
      // Our own document, as it was stored.
      architecture: training.architecture as Architecture,
      accuracy,
      note: `${training.id}: trained in full, ${images} images of ${training.dataset}`,
    });
  }
  return [...best.values()];
}

function published(): readonly ReferenceNetwork[] {
  return shippedNames().flatMap((name): ReferenceNetwork[] => {
    const { space } = readSpace(name);
    if (space.decisions.length > 0) return [];
    const architecture = space.decode([]);
    const { publishedTop1 } = architecture;
    if (publishedTop1 === undefined) return [];
    return [
      {
        ...{ name, architecture, kind: 'published', accuracy: publishedTop1 / 100 },
        note: 'top-1 accuracy on ImageNet as its paper prints it',
      },
    ];
  });
}
