import { row } from './netadapt.mjs';
import { widthOfLatency } from './steps.mjs';

const REFERENCES = ['mobilenet-v2', 'mobilenet-v3-small', 'mnasnet-small', 'shufflenet-v2'];

/**
 * The network that one command finds, adapts and trains, against reference networks that are scaled by α to no lower
 * measured latency and trained with the same recipe and seed. Found, adapted and trained anew it has had as many epochs as
 * they; from the weights of its adaptation it has had more, which its row says.
 */
export async function* compareChain(steps, settings) {
  const { target, space, trials, seeds, device, images, size, split, training, step } = settings;
  if (target === undefined) throw new Error('--target is missing, such as --target 8ms');
  for (const seed of seeds) {
    const common = [...images, ...size, ...split, '--seed', seed];
    const train = (name, args) => steps.once(name, () => steps.resumable(['train', ...args, ...common]));
    const found = await steps.once(`seed ${seed}: search`, async () => {
      const run = await steps.once(
        `seed ${seed}: number of the run`,
        async () => `r${(await runsOf(steps)) + 1}`,
      );
      if ((await runsOf(steps)) >= Number(run.slice(1))) return steps.nas(['search', '--resume', run]);
      return steps.nas([
        ...['search', '--target', target, '--space', space, '--trials', trials, '--adapt', '--train'],
        ...['--export', `seed-${seed}`, '--adapt-step', step, '--tune-images', settings['tune-images']],
        ...[...training, ...images, ...size, ...device, '--seed', seed],
      ]);
    });
    const { network, training: trained, verification } = found.card;
    const latencyMs = verification.deployed.latency.medianMs;
    const best = { validationAccuracy: trained.validation, testAccuracy: trained.test ?? undefined };
    const anew = await train(`seed ${seed}: train ${network} anew`, [network, ...training]);
    const warm = { ...anew, best, training: trained.training };
    yield row(`found for ${target}`, 'from the weights of its adaptation', seed, [network], warm);
    yield {
      ...row(`found for ${target}`, 'anew', seed, [network], anew),
      against: REFERENCES.map((reference) => ({ network: `${reference}, α`, how: 'anew' })),
    };
    for (const reference of REFERENCES) {
      const alpha = await widthOfLatency(steps, reference, network, latencyMs, device);
      const narrow = [reference, '--width', String(alpha)];
      const scaled = await train(`seed ${seed}: train ${reference} ${alpha}`, [...narrow, ...training]);
      yield row(`${reference}, α = ${alpha}`, 'anew', seed, narrow, scaled);
    }
  }
}

/** How many runs the folder has; a run that was begun and killed goes on under its number. */
async function runsOf(steps) {
  try {
    return (await steps.nas(['runs'])).length;
  } catch {
    return 0;
  }
}
