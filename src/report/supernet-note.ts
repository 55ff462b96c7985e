import { formatPercent } from '../base/units.ts';
import type { SupernetCheck } from '../flows/supernet-check.ts';

/** What an inherited accuracy is, and what it is worth: how well such accuracies ranked networks when that was last measured. */
export function supernetNote(check: SupernetCheck | undefined, space: string): string {
  const how =
    'inherited accuracies, mean probabilities of the right class, are of networks with the weights of a supernet, not trained on their own: they rank networks';
  if (check === undefined) return `${how}\nhow well was not measured; nas supernet check ${space} does`;
  return `${how}\n${supernetCheckLine(check)}`;
}

export function supernetCheckLine(check: SupernetCheck): string {
  const { longerBy, rankCorrelation, rankCorrelationAtEqualMacs, interval95, points, spread } = check;
  const [low, high] = interval95.map((bound) => bound.toFixed(2));
  const training = longerBy === 1 ? 'training' : `training ${longerBy} times as long as the proxy`;
  return (
    `rank correlation of the supernet with ${training}: ${rankCorrelation.toFixed(2)} ` +
    `(95 % interval ${low} to ${high}), ${rankCorrelationAtEqualMacs.toFixed(2)} at equal MACs, ` +
    `over ${points.length} random networks; differences ${spread.toFixed(2)} times as large; ` +
    `${check.cpuSecondsEach.toFixed(2)} CPU seconds a network`
  );
}

/** The networks of a check, best when trained first. */
export function supernetCheckLines(check: SupernetCheck): readonly string[] {
  return [...check.points]
    .sort((a, b) => b.trainedAccuracy - a.trainedAccuracy)
    .map(
      ({ macs, inheritedAccuracy, trainedAccuracy }) =>
        `${(macs / 1e6).toFixed(2).padStart(6)} M MACs   inherited ${formatPercent(inheritedAccuracy)}   trained ${formatPercent(trainedAccuracy)}`,
    );
}
