import { curveStepAfter } from '@visx/curve';
import { LinePath } from '@visx/shape';
import type { Scales } from './chart.tsx';
import type { Hovering, Mark } from './hovered-mark.tsx';

/** A network of a front that the drawing has a mark of. */
export interface FrontMark extends Mark {
  /** For screen readers. */
  readonly label: string;
  readonly href: string | undefined;
}

interface FrontLayerProps {
  /** Fastest first. */
  readonly points: readonly FrontMark[];
  readonly scales: Scales;
  readonly hovering: Hovering;
  /** Names the colour and the marker. */
  readonly series: number;
}

/** A front as steps, and its networks as links. */
export function FrontLayer({ points, scales, hovering, series }: FrontLayerProps) {
  return (
    <g className={`series-${series}`}>
      <LinePath
        data={[...points]}
        x={({ x }) => scales.x(x)}
        y={({ y }) => scales.y(y)}
        curve={curveStepAfter}
        className="front-line"
        stroke=""
        fill=""
      />
      {points.map((point) => {
        const dot = <circle cx={scales.x(point.x)} cy={scales.y(point.y)} r={4} className="front-dot" />;
        const events = {
          onFocus: () => hovering.set(point),
          onBlur: () => hovering.set(undefined),
          onPointerEnter: () => hovering.set(point),
        };
        return point.href === undefined ? (
          <g key={point.id} onPointerEnter={events.onPointerEnter}>
            {dot}
          </g>
        ) : (
          <a key={point.id} href={point.href} aria-label={point.label} data-mark={point.id} {...events}>
            {dot}
          </a>
        );
      })}
    </g>
  );
}
