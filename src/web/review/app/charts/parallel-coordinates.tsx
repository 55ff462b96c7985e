import { useContext, useRef, useState } from 'react';
import { formatMs, formatPercent } from '../../../../base/units.ts';
import type { ChoiceLine, DecisionsPage } from '../../../../report/pages/decisions-page.ts';
import { saveCsv } from '../parts/save-file.ts';
import { ScrollBox } from '../parts/scroll-box.tsx';
import { addressOf } from '../route.ts';
import { SourceContext } from '../source/source.ts';
import { extentOf } from './extent.ts';
import { labelLines } from './label-lines.ts';
import { savePng, saveSvg } from './save-drawing.ts';
import { useWidth } from './use-width.ts';

const HEIGHT = 224;
const MARGIN = { top: 20, right: 60, bottom: 24, left: 60 };
/** Between two axes, at least. */
const PIXELS_PER_AXIS = 44;
/** Of the names of options and of axes, in pixels. */
const OPTION = { letter: 5.3, line: 10.5 };
const NAME = { letter: 6.2, degrees: 50 };

/** Networks as lines through the options that they chose, from their latency to their accuracy. */
export function ParallelCoordinates({ page }: { readonly page: DecisionsPage }) {
  const { run, decisions, lines } = page;
  const { has } = useContext(SourceContext);
  const [box, width] = useWidth<HTMLElement>();
  const drawing = useRef<SVGSVGElement>(null);
  const [shown, setShown] = useState<ChoiceLine>();
  const name = `${run} decisions of networks`;
  const labels = [
    { key: 'latency', text: 'latency (ms)' },
    ...decisions.map(({ name: decision }, i) => ({ key: `${i}`, text: shortName(decision) })),
    { key: 'accuracy', text: 'accuracy (%)' },
  ];
  const options = decisions.map(({ options: all }) =>
    all.map(({ label }) => labelLines(label, Math.floor(HEIGHT / all.length / OPTION.line))),
  );
  const places = axisPlaces(options, width - MARGIN.left - MARGIN.right);
  const angle = (NAME.degrees * Math.PI) / 180;
  const lengths = labels.map(({ text }) => NAME.letter * text.length);
  // Names lean to the left of their axes.
  const left = Math.max(
    MARGIN.left,
    ...lengths.map((length, axis) => Math.cos(angle) * length - (places[axis] ?? 0)),
  );
  const x = (axis: number): number => left + (places[axis] ?? 0);
  const axes = labels.length;
  const full = x(axes - 1) + MARGIN.right;
  const whole = MARGIN.top + HEIGHT + MARGIN.bottom + Math.sin(angle) * Math.max(...lengths);
  const along = (value: number, [low, high]: readonly [number, number]): number =>
    MARGIN.top + HEIGHT * (1 - (value - low) / (high - low || 1));
  const latencies = extentOf(lines.map(({ latencyMs }) => latencyMs));
  const accuracies = extentOf(lines.map(({ accuracy }) => accuracy)).map((bound) =>
    Math.min(Math.max(bound, 0), 1),
  ) as [number, number];
  const optionY = (decision: number, choice: number): number => {
    const count = decisions[decision]?.options.length ?? 1;
    return MARGIN.top + HEIGHT * (1 - (choice + 0.5) / count);
  };
  const pathOf = ({ latencyMs, accuracy, choices }: ChoiceLine): string =>
    [
      [x(0), along(latencyMs, latencies)],
      // A decision that a network does not have leaves its line where the ones before and behind it lead.
      ...choices.flatMap((choice, i) => (choice < 0 ? [] : [[x(i + 1), optionY(i, choice)]])),
      [x(axes - 1), along(accuracy, accuracies)],
    ]
      .map(([across = 0, down = 0], i) => `${i === 0 ? 'M' : 'L'}${across.toFixed(1)} ${down.toFixed(1)}`)
      .join('');
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
        <svg ref={drawing} width={full} height={whole} role="img" aria-label={name}>
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
              <line x1={x(axis)} x2={x(axis)} y1={MARGIN.top} y2={MARGIN.top + HEIGHT} />
              <text
                className="label"
                textAnchor="end"
                transform={`translate(${x(axis) + 4},${MARGIN.top + HEIGHT + 12}) rotate(${-NAME.degrees})`}
              >
                {text}
              </text>
              {options[axis - 1]?.map((lines, option) => (
                <text
                  key={lines.join('')}
                  y={optionY(axis - 1, option) + 3 - (OPTION.line * (lines.length - 1)) / 2}
                  className="option"
                >
                  {lines.map((line, i) => (
                    <tspan key={`${i} ${line}`} x={x(axis) + 3} dy={i === 0 ? 0 : OPTION.line}>
                      {line}
                    </tspan>
                  ))}
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
                y={MARGIN.top + (i === 0 ? HEIGHT : 0) + 4}
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

/**
 * Where the axes stand, from the first: that of the latency, those of the decisions with room for the names of their
 * options on the right, and that of the accuracy; over all of `width` if that is more.
 */
function axisPlaces(options: readonly (readonly (readonly string[])[])[], width: number): readonly number[] {
  const gaps = [
    PIXELS_PER_AXIS,
    ...options.map((all) =>
      Math.max(PIXELS_PER_AXIS, ...all.flat().map((line) => OPTION.letter * line.length + 10)),
    ),
  ];
  const least = gaps.reduce((sum, gap) => sum + gap, 0);
  const spare = Math.max(0, width - least) / gaps.length;
  const places = [0];
  for (const gap of gaps) places.push((places.at(-1) ?? 0) + gap + spare);
  return places;
}

/** `stages[3].block.kernel` as `3.block.kernel`. */
function shortName(name: string): string {
  return name.replace(/^stages\[(\d+)\]/, '$1');
}
