import { curveStepAfter } from '@visx/curve';
import { LinePath } from '@visx/shape';
import { Chart } from './chart.tsx';
import { extentOf } from './extent.ts';
import { HoverArea, type Mark, MarkTip, useHovering } from './hovered-mark.tsx';

export interface Line {
  readonly name: string;
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

interface LineChartProps {
  readonly name: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly lines: readonly Line[];
  readonly height?: number;
  /** Of values on the y axis, where they are told of a point. */
  readonly format?: (value: number) => string;
  readonly withDots?: boolean;
  /** Values that stay until the next. */
  readonly isStepped?: boolean;
}

/** Values over a count. */
export function LineChart({
  name,
  xLabel,
  yLabel,
  lines,
  height = 200,
  format = printValue,
  withDots = false,
  isStepped = false,
}: LineChartProps) {
  const hovering = useHovering();
  const marks = lines.flatMap(({ name: line, xs, ys }) =>
    xs.map((x, i): Mark => {
      const y = ys[i] ?? 0;
      return {
        ...{ id: `${line} ${x}`, x, y },
        text: () => (
          <>
            {lines.length > 1 && (
              <>
                <b>{line}</b>
                <br />
              </>
            )}
            {format(y)} at {x}
          </>
        ),
      };
    }),
  );
  return (
    <Chart
      name={name}
      height={height}
      x={{
        label: xLabel,
        domain: extentOf(
          marks.map(({ x }) => x),
          0,
        ),
        isWhole: true,
      }}
      y={{ label: yLabel, domain: extentOf(marks.map(({ y }) => y)) }}
      records={() => [
        ['line', xLabel, yLabel],
        ...lines.flatMap(({ name: line, xs, ys }) => xs.map((x, i) => [line, String(x), String(ys[i])])),
      ]}
      aside={
        lines.length > 1 && (
          <div className="legend">
            {lines.map(({ name: line }, i) => (
              <span key={line} className={`key key-series series-${i}`}>
                {line}
              </span>
            ))}
          </div>
        )
      }
      overlay={(scales) => <MarkTip mark={hovering.mark} scales={scales} />}
    >
      {(scales) => (
        <>
          {lines.map(({ name: line, xs, ys }, i) => (
            <g key={line} className={`series-${i}`}>
              <LinePath
                data={[...xs.keys()]}
                x={(at) => scales.x(xs[at] ?? 0)}
                y={(at) => scales.y(ys[at] ?? 0)}
                {...(isStepped ? { curve: curveStepAfter } : {})}
                className="line"
                stroke=""
                fill=""
              />
              {(withDots || xs.length < 3) &&
                xs.map((x, at) => (
                  <circle key={x} cx={scales.x(x)} cy={scales.y(ys[at] ?? 0)} r={3} className="line-dot" />
                ))}
            </g>
          ))}
          <HoverArea marks={marks} scales={scales} hovering={hovering} />
        </>
      )}
    </Chart>
  );
}

function printValue(value: number): string {
  return Number(value.toPrecision(4)).toString();
}
