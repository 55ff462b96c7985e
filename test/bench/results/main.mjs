import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { compareChain } from './chain.mjs';
import { compareNetAdapt } from './netadapt.mjs';
import { figure, leads, table } from './report.mjs';
import { createSteps, withLatencies } from './steps.mjs';

/**
 * The comparisons of docs/results.md. They take hours; killed and started again they go on where they were.
 * Build first; then:
 *
 *   node test/bench/results/main.mjs netadapt FOLDER [--network mobilenet-v3-small] [--parts 0.7,0.5]
 *   node test/bench/results/main.mjs chain FOLDER --target 8ms [--space mobile] [--trials 40]
 *
 * both with [--resolution 16] [--strides 4] [--seeds 1,2,3] [--epochs 30] [--recipe cifar10] [--dataset cifar10]
 * [--tune-images 10000] [--step 0.03] [--runtime NAME] [--validation-images COUNT]. FOLDER keeps all runs, the figures of
 * every step (steps.json), and what came of them: results.json, results.md and results.svg. Run again when all is done, or
 * with fewer --seeds, it writes those again.
 */

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    network: { type: 'string', default: 'mobilenet-v3-small' },
    parts: { type: 'string', default: '0.7,0.5' },
    target: { type: 'string' },
    space: { type: 'string', default: 'mobile' },
    trials: { type: 'string', default: '40' },
    seeds: { type: 'string', default: '1,2,3' },
    epochs: { type: 'string', default: '30' },
    resolution: { type: 'string' },
    strides: { type: 'string' },
    recipe: { type: 'string', default: 'cifar10' },
    dataset: { type: 'string', default: 'cifar10' },
    step: { type: 'string', default: '0.03' },
    'tune-images': { type: 'string', default: '10000' },
    'validation-images': { type: 'string' },
    runtime: { type: 'string' },
  },
});
const [comparison = '', folder = ''] = positionals;
const compare = { netadapt: compareNetAdapt, chain: compareChain }[comparison];
if (compare === undefined || folder === '') {
  process.stderr.write('node test/bench/results/main.mjs netadapt|chain FOLDER [options]\n');
  process.exit(2);
}

const steps = createSteps(resolve(folder));
const settings = {
  ...values,
  parts: values.parts.split(',').map(Number),
  seeds: values.seeds.split(','),
  device: values.runtime === undefined ? [] : ['--runtime', values.runtime],
  images: ['--dataset', values.dataset],
  size: ['resolution', 'strides'].flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  ),
  split:
    values['validation-images'] === undefined ? [] : ['--validation-images', values['validation-images']],
  training: ['--recipe', values.recipe, '--epochs', values.epochs],
};
const trained = [];
for await (const row of compare(steps, settings)) trained.push(row);
const rows = await withLatencies(steps, trained, settings.device);
writeFileSync(
  join(steps.folder, 'results.json'),
  `${JSON.stringify({ comparison, settings: values, rows }, null, 2)}\n`,
);
const tables = `${table(rows)}\n\n${leads(rows)}\n`;
writeFileSync(join(steps.folder, 'results.md'), tables);
writeFileSync(join(steps.folder, 'results.svg'), figure(rows));
process.stdout.write(tables);
