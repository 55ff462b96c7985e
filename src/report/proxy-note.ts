import { formatPercent } from '../base/units.ts';
import type { ProxyCheck } from '../flows/proxy-check.ts';
import type { ProxyTask } from '../space/proxy.ts';

/**
 * What an accuracy of a search is worth: how it was come by, and how well such accuracies ranked networks when that
 * was last measured.
 */
export function proxyNote(
  proxy: ProxyTask,
  dataset: string,
  check: ProxyCheck | undefined,
  space: string,
): string {
  const { resolution, width, trainImages, validationImages, recipe } = proxy;
  const epochs = recipe.epochs === 1 ? 'once' : `${recipe.epochs} times`;
  const how =
    `accuracies are of a proxy: width ${width}, ${resolution}x${resolution} pixels, ` +
    `${trainImages} images of ${dataset} ${epochs}, measured on ${validationImages} held out`;
  if (check === undefined) {
    return `${how}\nhow well they rank networks was not measured; nas spaces check ${space} does`;
  }
  return `${how}\n${proxyCheckLine(check)}`;
}

export function proxyCheckLine(check: ProxyCheck): string {
  const [low, high] = check.interval95.map((bound) => bound.toFixed(2));
  return (
    `rank correlation with ${check.longerBy} times longer training: ${check.rankCorrelation.toFixed(2)} ` +
    `(95 % interval ${low} to ${high}), ${check.rankCorrelationAtEqualMacs.toFixed(2)} at equal MACs, ` +
    `over ${check.points.length} random networks`
  );
}

/** The networks of a check, best of the long training first. */
export function proxyCheckLines(check: ProxyCheck): readonly string[] {
  return [...check.points]
    .sort((a, b) => b.longAccuracy - a.longAccuracy)
    .map(
      ({ macs, shortAccuracy, longAccuracy }) =>
        `${(macs / 1e6).toFixed(2).padStart(6)} M MACs   short ${formatPercent(shortAccuracy)}   long ${formatPercent(longAccuracy)}`,
    );
}
