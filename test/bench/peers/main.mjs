import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { optimumOf, percentile } from '../../../dist/flows/bench.js';
import { createReward } from '../../../dist/objective/reward.js';
import { textTable } from '../../../dist/report/text-table.js';
import { parseBenchmark } from '../../../dist/trainers/tabular/benchmark.js';

/**
 * The strategies of this program and those of Optuna (Debian: apt-get install python3-optuna) on one tabular benchmark,
 * side by side: mean regret in percent, hypervolume ratio, processor seconds for 1,000 trials.
 * Build first; then: node test/bench/peers/main.mjs [FILE [COST [SEEDS [PEER_SEEDS]]]]
 */

const [
  file = fileURLToPath(new URL('../../../../shared/data/nas-bench-macro.json', import.meta.url)),
  cost = 'flops_m',
  seeds = '50',
  peerSeeds = '10',
] = process.argv.slice(2);
const BUDGETS = [50, 100, 200, 500];
const REWARDS = [
  { name: 'mnas', alpha: -0.07, beta: -0.07 },
  { name: 'mnas-hard', alpha: 0, beta: -1 },
];

const NAS = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const PEER = fileURLToPath(new URL('optuna_peer.py', import.meta.url));
const print = (line) => process.stdout.write(`${line}\n`);

/** A Python that has Optuna; Debian's packages are for the system's own. */
const python = ['/usr/bin/python3', 'python3'].find(
  (program) => spawnSync(program, ['-c', 'import optuna'], { stdio: 'ignore' }).status === 0,
);

function peers(benchmark, { name, alpha, beta }, target) {
  const reward = createReward({ name, alpha, beta }, target);
  const optimum = optimumOf({ ...benchmark, costs: benchmark.cost(cost) }, reward);
  const { accuracy, latencyMs } = optimum.reference;
  const options = [
    ...[`--cost=${cost}`, `--target=${target}`, `--alpha=${alpha}`, `--beta=${beta}`],
    ...[`--optimum=${optimum.reward}`, `--hypervolume=${optimum.hypervolume}`],
    ...[`--reference=${accuracy},${latencyMs}`, `--budgets=${BUDGETS}`, `--seeds=${peerSeeds}`],
  ];
  return JSON.parse(execFileSync(python, [PEER, file, ...options], { encoding: 'utf8' }));
}

if (!existsSync(file)) {
  print(`skipped: no ${file}; name a tabular benchmark`);
  process.exit(0);
}
const benchmark = parseBenchmark(JSON.parse(readFileSync(file, 'utf8')), file);
const target = percentile(benchmark.cost(cost), 50);
if (python === undefined) print('skipped by name: optuna TPE, optuna NSGA-II (no python3 has optuna)');
for (const reward of REWARDS) {
  const { name, alpha, beta } = reward;
  const ours = execFileSync(
    process.execPath,
    [
      ...[NAS, 'bench', file, '--cost', cost, '--target', `${target}`, '--reward', name],
      ...[`--alpha=${alpha}`, `--beta=${beta}`, '--budgets', `${BUDGETS}`, '--seeds', seeds, '--json'],
    ],
    { encoding: 'utf8', maxBuffer: 1e8 },
  );
  const rows = [...JSON.parse(ours), ...(python === undefined ? [] : peers(benchmark, reward, target))];
  print(`\n${benchmark.name}, ${cost}, target ${target}, reward ${name} (α = ${alpha}, β = ${beta})\n`);
  print(
    textTable(rows, [
      { title: 'strategy', cell: ({ strategy }) => strategy },
      ...BUDGETS.map((budget) => ({
        title: `regret % @${budget}`,
        align: 'right',
        cell: ({ regretPercent }) => regretPercent[budget].toFixed(2),
      })),
      ...BUDGETS.map((budget) => ({
        title: `hypervolume @${budget}`,
        align: 'right',
        cell: ({ hypervolumeRatio }) => hypervolumeRatio[budget].toFixed(3),
      })),
      { title: 'CPU s / 1,000', align: 'right', cell: (row) => row.cpuSecondsPer1000.toFixed(2) },
    ]),
  );
}
