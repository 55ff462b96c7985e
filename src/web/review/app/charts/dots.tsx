import { memo } from 'react';
import type { Scales } from './chart.tsx';

interface DotsProps {
  /** Values, not pixels. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly scales: Scales;
  readonly className: string;
}

/**
 * Many equal dots as one path of lines without length and with round ends: thousands cost as much as one. Drawn anew
 * only where points or scales are others.
 */
export const Dots = memo(function Dots({ points, scales, className }: DotsProps) {
  let path = '';
  for (const { x, y } of points) path += `M${scales.x(x).toFixed(1)} ${scales.y(y).toFixed(1)}h0`;
  return <path d={path} className={className} />;
});
