import { widthOfLatency } from './steps.mjs';

/**
 * NetAdapt against the width multiplier α: one network is trained, narrowed to parts of its measured latency by each, and
 * retrained with the same budget. Rows are networks: the one at the start; what NetAdapt made of it, trained anew and gone
 * on with from its weights; α of the same network at no lower measured latency, trained anew as long, and twice as long,
 * as the network from NetAdapt's weights has been but for the fine-tuning of its steps.
 */
export async function* compareNetAdapt(steps, settings) {
  const { network, parts, seeds, device, images, size, split, training, epochs, step } = settings;
  const twice = ['--recipe', settings.recipe, '--epochs', String(2 * Number(epochs))];
  const tune = ['--tune-images', settings['tune-images'], '--step', step];
  for (const seed of seeds) {
    const common = [...images, ...size, ...split, '--seed', seed];
    const train = (name, args) => steps.once(name, () => steps.resumable(['train', ...args, ...common]));
    const start = await train(`seed ${seed}: train ${network}`, [network, ...training]);
    const whole = await steps.once(`measure ${network} 1`, () => steps.nas(['measure', network, ...device]));
    yield row(`${network}`, 'start', seed, [network], start);
    for (const part of parts) {
      const target = `${part * whole.medianMs}ms`;
      const adapted = await steps.once(`seed ${seed}: adapt to ${part}`, () =>
        steps.resumable([
          ...['adapt', network, '--target', target, '--weights', start.best.weights],
          ...[...common, ...device, ...tune, ...training],
        ]),
      );
      const { adaptation, weights, after } = adapted;
      const percent = `${100 * part} %`;
      const title = `seed ${seed}: train ${adaptation}`;
      const ours = `NetAdapt, ${percent}`;
      const anew = await train(`${title} anew`, [adaptation, ...training]);
      yield {
        ...row(ours, 'anew', seed, [adaptation], anew),
        against: [{ network: `α, ${percent}`, how: 'anew' }],
      };
      const on = await train(`${title} on`, [adaptation, '--weights', weights, ...training]);
      yield {
        ...row(ours, 'from its weights', seed, [adaptation], on),
        against: [{ network: `α, ${percent}`, how: 'anew, twice as long' }],
      };
      const latencyMs = after.measuredMs ?? after.latencyMs;
      const alpha = await widthOfLatency(steps, network, adaptation, latencyMs, device);
      const narrow = [network, '--width', String(alpha)];
      for (const [how, recipe] of [
        ['anew', training],
        ['anew, twice as long', twice],
      ]) {
        const trained = await train(`seed ${seed}: train ${network} ${alpha} ${how}`, [...narrow, ...recipe]);
        yield row(`α = ${alpha}, ${percent}`, how, seed, narrow, trained);
      }
    }
  }
}

/** A trained network, as the table has it; `subject` is what `nas measure` knows it by. */
export function row(network, how, seed, subject, { best, params, macs, training }) {
  const { validationAccuracy, testAccuracy = null } = best;
  return { network, how, seed, subject, validationAccuracy, testAccuracy, params, macs, training };
}
