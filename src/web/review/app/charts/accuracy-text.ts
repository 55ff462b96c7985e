import { formatPercent } from '../../../../base/units.ts';
import { accuracyStandardError } from '../../../../report/standard-error.ts';

/** `47.7 % ± 0.5 %`, where the number of images tells how exact it is. */
export function accuracyText(accuracy: number, images: number | null): string {
  return [formatPercent(accuracy), ...(images === null ? [] : [errorText(accuracy, images)])].join(' ');
}

/** `± 0.5 %`, one standard error. */
export function errorText(accuracy: number, images: number): string {
  return `± ${formatPercent(accuracyStandardError(accuracy, images))}`;
}
