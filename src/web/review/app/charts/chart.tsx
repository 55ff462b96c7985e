import { AxisBottom, AxisLeft } from '@visx/axis';
import { GridColumns, GridRows } from '@visx/grid';
import { scaleLinear } from '@visx/scale';
import { type ReactNode, useMemo, useRef } from 'react';
import { saveCsv } from '../parts/save-file.ts';
import { savePng, saveSvg } from './save-drawing.ts';
import { useWidth } from './use-width.ts';

/** Where values are in the drawing, in pixels. */
export interface Scales {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
  readonly invertX: (pixel: number) => number;
  readonly width: number;
  readonly height: number;
}

interface Axis {
  /** With its unit. */
  readonly label: string;
  readonly domain: readonly [number, number];
  /** Counts, which nothing stands between. */
  readonly isWhole?: boolean;
}

interface ChartProps {
  /** What it shows; also the name of its files. */
  readonly name: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly height?: number;
  readonly className?: string;
  /** Drawn between the axes, in pixels of the area that they enclose. */
  readonly children: (scales: Scales) => ReactNode;
  /** Beside the drawing, such as its legend. */
  readonly aside?: ReactNode;
  /** Over the drawing, in its pixels. */
  readonly overlay?: (scales: Scales) => ReactNode;
  /** What a CSV file of it has, the header first. */
  readonly records: () => readonly (readonly string[])[];
  /** Whether marks of it take the focus; else it is one image. */
  readonly isInteractive?: boolean;
}

const MARGIN = { top: 12, right: 16, bottom: 48, left: 62 };
const PIXELS_PER_TICK = { x: 80, y: 45 };

/** Axes with their units, a grid, and what is drawn between; saved as CSV, SVG and PNG. */
export function Chart({
  name,
  x,
  y,
  height = 260,
  className = '',
  children,
  aside,
  overlay,
  records,
  isInteractive = false,
}: ChartProps) {
  const [box, width] = useWidth<HTMLDivElement>();
  const drawing = useRef<SVGSVGElement>(null);
  const innerWidth = Math.max(0, width - MARGIN.left - MARGIN.right);
  const innerHeight = height - MARGIN.top - MARGIN.bottom;
  const [xLow, xHigh] = x.domain;
  const [yLow, yHigh] = y.domain;
  // The same ones as long as nothing about them is another: what is drawn by them need not be drawn anew.
  const { xScale, yScale, scales } = useMemo(() => {
    const xScale = scaleLinear({ domain: [xLow, xHigh], range: [0, innerWidth] });
    const yScale = scaleLinear({ domain: [yLow, yHigh], range: [innerHeight, 0] });
    const scales: Scales = {
      ...{ width: innerWidth, height: innerHeight },
      x: (value) => xScale(value),
      y: (value) => yScale(value),
      invertX: (pixel) => xScale.invert(pixel),
    };
    return { xScale, yScale, scales };
  }, [xLow, xHigh, yLow, yHigh, innerWidth, innerHeight]);
  const ticks = {
    x: ticksOf(x, innerWidth / PIXELS_PER_TICK.x),
    y: ticksOf(y, innerHeight / PIXELS_PER_TICK.y),
  };
  const printTick = { x: xScale.tickFormat(ticks.x), y: yScale.tickFormat(ticks.y) };
  return (
    <figure className={`chart ${className}`}>
      <figcaption>{name}</figcaption>
      {aside}
      <div className="drawing" ref={box}>
        {width > 0 && (
          <svg
            ref={drawing}
            width={width}
            height={height}
            role={isInteractive ? 'group' : 'img'}
            aria-label={name}
          >
            <g transform={`translate(${MARGIN.left},${MARGIN.top})`}>
              <GridRows scale={yScale} width={innerWidth} numTicks={ticks.y} className="grid" stroke="" />
              <GridColumns
                scale={xScale}
                height={innerHeight}
                numTicks={ticks.x}
                className="grid"
                stroke=""
              />
              {children(scales)}
              <AxisBottom
                scale={xScale}
                top={innerHeight}
                numTicks={ticks.x}
                label={x.label}
                labelOffset={20}
                tickFormat={(value) => printTick.x(Number(value))}
                {...PLAIN}
              />
              <AxisLeft
                scale={yScale}
                numTicks={ticks.y}
                label={y.label}
                labelOffset={42}
                tickFormat={(value) => printTick.y(Number(value))}
                {...PLAIN}
              />
            </g>
          </svg>
        )}
        {width > 0 && overlay !== undefined && <div className="overlay">{overlay(shifted(scales))}</div>}
      </div>
      <p className="tools">
        <button type="button" onClick={() => saveCsv(name, records())} aria-label={`${name} as CSV`}>
          CSV
        </button>
        <button
          type="button"
          onClick={() => drawing.current && saveSvg(name, drawing.current)}
          aria-label={`${name} as SVG`}
        >
          SVG
        </button>
        <button
          type="button"
          onClick={() => drawing.current && void savePng(name, drawing.current)}
          aria-label={`${name} as PNG`}
        >
          PNG
        </button>
      </p>
    </figure>
  );
}

function ticksOf({ domain: [low, high], isWhole = false }: Axis, room: number): number {
  const ticks = Math.max(2, Math.floor(room));
  return isWhole ? Math.max(1, Math.min(ticks, Math.floor(high) - Math.ceil(low))) : ticks;
}

/** Looks are the style sheet's. */
const PLAIN = {
  axisClassName: 'axis',
  tickLabelProps: { fill: '', fontSize: '', fontFamily: '' },
  labelProps: { fill: '', fontSize: '', fontFamily: '', className: 'label' },
  stroke: '',
  tickStroke: '',
} as const;

/** In pixels of the whole drawing. */
function shifted({ x, y, ...others }: Scales): Scales {
  return { ...others, x: (value) => MARGIN.left + x(value), y: (value) => MARGIN.top + y(value) };
}
