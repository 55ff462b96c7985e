import { NasError } from '../base/errors.ts';
import { formatMs, formatPowerOfTen } from '../base/units.ts';
import type { TrainingData } from '../datasets/dataset.ts';
import { type Deployed, deployedCosts } from '../flows/candidate.ts';
import { fullTraining, type LadderRung, ladderOf } from '../flows/ladder.ts';
import { parseTable } from '../latency/parse-table.ts';
import type { LatencyTable } from '../latency/table.ts';
import { rewardWarning } from '../objective/reward.ts';
import { complete } from '../space/complete.ts';
import { excess } from '../space/constraints.ts';
import { descend } from '../space/descend.ts';
import type { Genotype } from '../space/genotype.ts';
import { kernelsOfSpace } from '../space/kernels.ts';
import type { ProxyTask } from '../space/proxy.ts';
import { checkSpace } from '../space/reachable.ts';
import type { SearchSpace } from '../space/search-space.ts';
import type { Store, StoredRun } from '../store/store.ts';
import { calibrationNetworks } from './calibration-networks.ts';
import { withDevice } from './device-options.ts';
import { prepareTable, prepareTrainingData } from './prepare.ts';
import { type RunConfig, targetsOf } from './run-config.ts';
import { readSpace, requireProxy, type SpaceFile } from './space-files.ts';
import { originOf } from './stored-runs.ts';
import { requireTrainer } from './trainer-options.ts';
import type { Work } from './work.ts';

/** A search to begin, or one to go on with: the newest where none is named. */
export type SearchRequest = { readonly config: RunConfig } | { readonly resume: string | undefined };

/** What a search needs before its first training. */
export interface PreparedSearch extends SpaceFile {
  readonly begun: StoredRun | undefined;
  readonly config: RunConfig;
  readonly proxy: ProxyTask;
  readonly ladder: readonly [LadderRung, ...LadderRung[]];
  /** One a device of the run. */
  readonly tables: readonly [LatencyTable, ...LatencyTable[]];
  readonly deployed: readonly ((genotype: Genotype) => Deployed)[];
  /** One a rung of the ladder; those of the same images are the same. */
  readonly datasets: readonly [TrainingData, ...TrainingData[]];
}

/** Reads, measures and downloads what a search needs, and refuses what cannot come to anything. */
export async function prepareSearch(
  request: SearchRequest,
  store: Store,
  work: Work,
): Promise<PreparedSearch> {
  const origin = beginOrResume(store, request);
  const { begun, config, space } = origin;
  const proxy = requireProxy(space);
  const ladder = config.stopEarly === undefined ? fullTraining(proxy) : ladderOf(proxy, space.where);
  checkSpace(space);
  await requireTrainer(config.trainer, work);
  const targets = config.targetsMs.map(formatMs).join(', ');
  work.progress.line(
    `search   ${space.name}, ${formatPowerOfTen(space.size)} networks, target${config.targetsMs.length > 1 ? 's' : ''} ${targets}`,
  );
  const warning = rewardWarning(config.reward, config.targetsMs[0] ?? 0);
  if (warning !== undefined) work.progress.line(`warning  ${warning}`);
  const tables = begun === undefined ? await measuredTables(config, space, work) : storedTables(begun);
  const deployed = tables.map((table) => deployedCosts(space, table));
  for (const { device, targetMs } of targetsOf(config)) {
    const { provenance } = tables[device] ?? tables[0];
    const costs = deployed[device];
    const name = provenance.processor ?? provenance.device;
    if (costs !== undefined) refuseUnreachable(space, costs, targetMs, name);
  }
  const datasets = await datasetsOf(ladder, config, proxy, work);
  return { ...origin, proxy, ladder, tables, deployed, datasets };
}

function beginOrResume(
  store: Store,
  request: SearchRequest,
): SpaceFile & { readonly config: RunConfig; readonly begun: StoredRun | undefined } {
  if ('config' in request) {
    return { begun: undefined, config: request.config, ...readSpace(request.config.space) };
  }
  const id = request.resume ?? store.runs()[0]?.id;
  if (id === undefined) {
    throw new NasError('--resume', {
      found: 'no stored run',
      expected: 'one that was begun before',
      next: 'nas search --target 15ms',
    });
  }
  const begun = store.run(id);
  return { begun, ...originOf(begun) };
}

async function measuredTables(
  { device: options, otherDevices }: RunConfig,
  space: SearchSpace,
  work: Work,
): Promise<readonly [LatencyTable, ...LatencyTable[]]> {
  const kernels = kernelsOfSpace(space);
  const networks = calibrationNetworks([space]);
  const measure = (name: string): Promise<LatencyTable> =>
    withDevice(
      { ...options, device: name },
      work,
      async (device) => (await prepareTable(device, kernels, networks, work)).table,
    );
  const tables: [LatencyTable, ...LatencyTable[]] = [await measure(options.device)];
  for (const name of otherDevices) tables.push(await measure(name));
  return tables;
}

function storedTables({
  id,
  table,
  otherTables = [],
}: StoredRun): readonly [LatencyTable, ...LatencyTable[]] {
  const where = `run ${id}: latency table`;
  return [parseTable(table, where), ...otherTables.map((other) => parseTable(other, where))];
}

async function datasetsOf(
  ladder: readonly LadderRung[],
  { dataset, seed, trainer }: RunConfig,
  proxy: ProxyTask,
  work: Work,
): Promise<readonly [TrainingData, ...TrainingData[]]> {
  const known = new Map<string, TrainingData>();
  const datasets: TrainingData[] = [];
  for (const { resolution, trainImages } of ladder) {
    const key = `${resolution} ${trainImages}`;
    const asked = { ...proxy, resolution, trainImages };
    const loaded = known.get(key) ?? (await prepareTrainingData(trainer, dataset, asked, seed, work));
    known.set(key, loaded);
    datasets.push(loaded);
  }
  const [first, ...others] = datasets;
  if (first === undefined) throw new RangeError('a ladder has a rung');
  return [first, ...others];
}

/** A target that no network of the space meets within its constraints is refused before anything is trained. */
function refuseUnreachable(
  space: SearchSpace,
  deployed: (genotype: Genotype) => Deployed,
  targetMs: number,
  processor: string,
): void {
  const outside = (genotype: Genotype): number => excess(space.constraints, deployed(genotype));
  const inside = descend(space.decisions, complete(space.decisions, []), outside);
  if (inside.cost > 0) {
    throw new NasError(space.where, {
      found: `constraints that no network found meets: ${JSON.stringify(space.constraints)}`,
      expected: 'constraints that leave some of its networks',
    });
  }
  const fastest = descend(space.decisions, inside.genotype, (genotype) =>
    outside(genotype) > 0 ? Number.POSITIVE_INFINITY : deployed(genotype).latencyMs,
  );
  if (fastest.cost <= targetMs) return;
  throw new NasError('--target', {
    found: `${formatMs(targetMs)} cannot be reached: the fastest network of ${space.name} needs ${formatMs(fastest.cost)} on ${processor}`,
    expected: `a target of ${formatMs(fastest.cost)} or more`,
    next: `raise the target, or search a smaller space (--space FILE)`,
  });
}
