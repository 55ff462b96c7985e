import { useContext, useRef, useState } from 'react';
import { formatMs, formatPercent } from '../../../../base/units.ts';
import type { ChoiceLine, DecisionsPage } from '../../../../report/pages/decisions-page.ts';
import { saveCsv } from '../parts/save-file.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { addressOf } from '../route.ts';
import { SourceContext } from '../source/source.ts';
import { extentOf } from './extent.ts';
import { savePng, saveSvg } from './save-drawing.ts';
import { useWidth } from './use-width.ts';

const HEIGHT = 340;
const MARGIN = { top: 20, right: 60, bottom: 96, left: 60 };
/** Between two axes, at least. */
const PIXELS_PER_AXIS = 44;

/** Networks as lines through the options that they chose, from their latency to their accuracy. */
export function ParallelCoordinates({ page }: { readonly page: DecisionsPage }) {
  const { run, decisions, lines } = page;
  const { has } = useContext(SourceContext);
  const [box, width] = useWidth<HTMLElement>();
  const drawing = useRef<SVGSVGElement>(null);
  const [shown, setShown] = useState<ChoiceLine>();
  const name = `${run} decisions of networks`;
  const axes = decisions.length + 2;
  const full = Math.max(width, MARGIN.left + MARGIN.right + PIXELS_PER_AXIS * (axes - 1));
  const height = HEIGHT - MARGIN.top - MARGIN.bottom;
  const x = (axis: number): number => MARGIN.left + ((full - MARGIN.left - MARGIN.right) * axis) / (axes - 1);
  const along = (value: number, [low, high]: readonly [number, number]): number =>
    MARGIN.top + height * (1 - (value - low) / (high - low || 1));
  const latencies = extentOf(lines.map(({ latencyMs }) => latencyMs));
  const accuracies = extentOf(lines.map(({ accuracy }) => accuracy));
  const optionY = (decision: number, choice: number): number => {
    const count = decisions[decision]?.options.length ?? 1;
    return MARGIN.top + height * (1 - (choice + 0.5) / count);
  };
  const pathOf = ({ latencyMs, accuracy, choices }: ChoiceLine): string =>
    [
      [x(0), along(latencyMs, latencies)],
      // A decision that a network does not have leaves its line where the ones before and behind it lead.
      ...choices.flatMap((choice, i) => (choice < 0 ? [] : [[x(i + 1), optionY(i, choice)]])),
      [x(axes - 1), along(accuracy, accuracies)],
    ]
      .map(([left = 0, top = 0], i) => `${i === 0 ? 'M' : 'L'}${left.toFixed(1)} ${top.toFixed(1)}`)
      .join('');
  const labels = [
    { key: 'latency', text: 'latency (ms)' },
    ...decisions.map(({ name: decision }, i) => ({ key: `${i}`, text: decision })),
    { key: 'accuracy', text: 'accuracy (%)' },
  ];
  return (
    <figure className="chart">
      <figcaption>{name}</figcaption>
      <div className="legend">
        <span className="key key-front">front</span>
        <span className="key key-cloud">
          {lines.filter(({ isOnFront }) => !isOnFront).length} most accurate others of {page.trials} trials
        </span>
        <output className="quiet">
          {shown !== undefined &&
            `${run}/${shown.trial}: ${formatPercent(shown.accuracy)}, ${formatMs(shown.latencyMs)}`}
        </output>
      </div>
      <ScrollBox label={name} ref={box}>
        <svg ref={drawing} width={full} height={HEIGHT} role="img" aria-label={name}>
          {[...lines].reverse().map((line) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the front's table leads to the same pages.
            <path
              key={line.trial}
              d={pathOf(line)}
              className={`choice ${line.isOnFront ? 'choice-front' : ''} ${shown === line ? 'choice-shown' : ''}`}
              onPointerEnter={() => setShown(line)}
              onPointerLeave={() => setShown(undefined)}
              onClick={() => {
                const key = { page: 'trial', run, trial: line.trial } as const;
                if (has(key)) location.hash = addressOf(key);
              }}
            />
          ))}
          {labels.map(({ key, text }, axis) => (
            <g key={key} className="axis">
              <line x1={x(axis)} x2={x(axis)} y1={MARGIN.top} y2={MARGIN.top + height} />
              <text
                className="label"
                textAnchor="end"
                transform={`translate(${x(axis) + 4},${MARGIN.top + height + 12}) rotate(-50)`}
              >
                {shortName(text)}
                <title>{text}</title>
              </text>
              {decisions[axis - 1]?.options.map(({ label }, option) => (
                <text key={label} x={x(axis) + 3} y={optionY(axis - 1, option) + 3} className="option">
                  {label.length > 7 ? `${label.slice(0, 6)}…` : label}
                  <title>{label}</title>
                </text>
              ))}
            </g>
          ))}
          {[latencies, accuracies.map((bound) => 100 * bound)].map((range, end) =>
            range.map((bound, i) => (
              <text
                key={`${end} ${i}`}
                className="option"
                textAnchor={end === 0 ? 'end' : 'start'}
                x={end === 0 ? x(0) - 4 : x(axes - 1) + 4}
                y={MARGIN.top + (i === 0 ? height : 0) + 4}
              >
                {bound.toFixed(1)}
              </text>
            )),
          )}
        </svg>
      </ScrollBox>
      <p className="tools">
        <button
          type="button"
          aria-label={`${name} as CSV`}
          onClick={() =>
            saveCsv(name, [
              ['trial', 'latency_ms', 'accuracy', 'on_front', ...decisions.map((decision) => decision.name)],
              ...lines.map((line) => [
                ...[line.trial, line.latencyMs, line.accuracy, line.isOnFront].map(String),
                ...line.choices.map((choice, i) => decisions[i]?.options[choice]?.label ?? ''),
              ]),
            ])
          }
        >
          CSV
        </button>
        <button
          type="button"
          aria-label={`${name} as SVG`}
          onClick={() => drawing.current && saveSvg(name, drawing.current)}
        >
          SVG
        </button>
        <button
          type="button"
          aria-label={`${name} as PNG`}
          onClick={() => drawing.current && void savePng(name, drawing.current)}
        >
          PNG
        </button>
      </p>
    </figure>
  );
}

/** `stages[3].block.kernel` as `3.block.kernel`. */
function shortName(name: string): string {
  const short = name.replace(/^stages\[(\d+)\]/, '$1');
  return short.length > 18 ? `…${short.slice(-17)}` : short;
}
