import { formatMs } from '../../../../base/units.ts';
import type { Scales } from './chart.tsx';

/** Latencies to reach, as lines across the drawing. */
export function TargetLines({
  targetsMs,
  scales,
}: {
  readonly targetsMs: readonly number[];
  readonly scales: Scales;
}) {
  return (
    <g className="targets">
      {targetsMs.map((targetMs) => {
        const x = scales.x(targetMs);
        const isRight = x > scales.width - 90;
        return (
          <g key={targetMs}>
            <line x1={x} x2={x} y1={0} y2={scales.height} />
            <text x={x + (isRight ? -4 : 4)} y={scales.height - 6} textAnchor={isRight ? 'end' : 'start'}>
              target {formatMs(targetMs)}
            </text>
          </g>
        );
      })}
    </g>
  );
}
