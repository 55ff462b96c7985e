import { useRef } from 'react';
import { formatMs } from '../../../../base/units.ts';
import type { Scales } from './chart.tsx';

interface DraggedTargetProps {
  readonly targetMs: number;
  /** Of the latency axis, ms. */
  readonly domain: readonly [number, number];
  readonly scales: Scales;
  readonly onTarget: (targetMs: number) => void;
}

/** Steps of the arrow keys across the drawing. */
const STEPS = 100;

/** A line across the drawing that pointer and arrow keys move. */
export function DraggedTarget({ targetMs, domain: [low, high], scales, onTarget }: DraggedTargetProps) {
  const line = useRef<SVGGElement>(null);
  const x = scales.x(targetMs);
  const isRight = x > scales.width - 90;
  const set = (value: number): void => onTarget(Math.min(high, Math.max(low, value)));
  const drag = (clientX: number): void => {
    const area = line.current?.parentElement?.querySelector('.hover-area')?.getBoundingClientRect();
    if (area !== undefined) set(scales.invertX(clientX - area.left));
  };
  const step = (high - low) / STEPS;
  const steps: Readonly<Record<string, number>> = {
    ...{
      ArrowLeft: targetMs - step,
      ArrowDown: targetMs - step,
      ArrowRight: targetMs + step,
      ArrowUp: targetMs + step,
    },
    ...{ PageDown: targetMs - 10 * step, PageUp: targetMs + 10 * step, Home: low, End: high },
  };
  return (
    <g
      ref={line}
      className="dragged-target"
      role="slider"
      tabIndex={0}
      aria-label="target latency in milliseconds"
      aria-valuemin={low}
      aria-valuemax={high}
      aria-valuenow={targetMs}
      aria-valuetext={formatMs(targetMs)}
      onKeyDown={(event) => {
        const to = steps[event.key];
        if (to === undefined) return;
        event.preventDefault();
        set(to);
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) drag(event.clientX);
      }}
    >
      <rect x={x - 10} y={0} width={20} height={scales.height} className="grip" />
      <line x1={x} x2={x} y1={0} y2={scales.height} />
      <circle cx={x} cy={8} r={6} />
      <text x={x + (isRight ? -10 : 10)} y={12} textAnchor={isRight ? 'end' : 'start'}>
        target {formatMs(targetMs)}
      </text>
    </g>
  );
}
