import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';

const percent = (fraction) => `${(100 * fraction).toFixed(1)} %`;
/** Of images that nothing was chosen by, where the dataset has such. */
const accuracyOf = ({ testAccuracy, validationAccuracy }) => testAccuracy ?? validationAccuracy;

/** Rows of one network and way of training, over their seeds. */
function groupsOf(rows) {
  const groups = new Map();
  for (const row of rows) {
    // α differs from seed to seed as the measured latency does; it is one network all the same.
    const name = row.network.replace(/α = [\d.]+/, 'α');
    const key = `${name} ${row.how}`;
    groups.set(key, { name, how: row.how, rows: [...(groups.get(key)?.rows ?? []), row] });
  }
  return [...groups.values()];
}

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Standard deviation of a sample; undefined for one of one. */
function deviationOf(values) {
  if (values.length < 2) return undefined;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** A table in Markdown: means over the seeds, with standard deviations. */
export function table(rows) {
  const isTested = rows.every(({ testAccuracy }) => testAccuracy !== null);
  return [
    `| network | trained | measured latency | MACs as trained | params | ${isTested ? 'test' : 'validation'} accuracy | seeds |`,
    '| --- | --- | --: | --: | --: | --: | --: |',
    ...groupsOf(rows).map(({ name, how, rows: group }) => {
      const accuracies = group.map(accuracyOf);
      const deviation = deviationOf(accuracies);
      const cells = [
        ...[name, how, `${meanOf(group.map(({ latencyMs }) => latencyMs)).toPrecision(3)} ms`],
        `${(meanOf(group.map(({ macs }) => macs)) / 1e6).toPrecision(3)} M`,
        `${(meanOf(group.map(({ params }) => params)) / 1e6).toPrecision(3)} M`,
        `${percent(meanOf(accuracies))}${deviation === undefined ? '' : ` ± ${percent(deviation)}`}`,
        String(group.length),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

const COLOURS = [
  '#4269d0',
  '#efb118',
  '#ff725c',
  '#6cc5b0',
  '#3ca951',
  '#ff8ab7',
  '#a463f2',
  '#97bbf5',
  '#9c6b4e',
];

/** Accuracy over measured latency, a point a training, as an SVG document. */
export function figure(rows) {
  const { document } = parseHTML('<html><body></body></html>');
  const points = groupsOf(rows).flatMap(({ name, how, rows: group }) =>
    group.map((row) => ({
      network: `${name.replace(/, \d+ %$/, '')}, ${how}`,
      latencyMs: row.latencyMs,
      accuracy: 100 * accuracyOf(row),
    })),
  );
  const names = [...new Set(points.map(({ network }) => network))];
  const colours = names.map((_, index) => COLOURS[index % COLOURS.length]);
  const svg = Plot.plot({
    ...{ document, width: 900, height: 520, marginRight: 320, grid: true },
    style: { background: 'white', color: 'black', fontFamily: 'sans-serif' },
    x: { label: 'measured latency as deployed (ms)', nice: true },
    y: { label: 'accuracy (%)', nice: true },
    color: { domain: names, range: colours },
    marks: [
      Plot.dot(points, { x: 'latencyMs', y: 'accuracy', fill: 'network', fillOpacity: 0.7, r: 4 }),
      ...names.map((name, index) =>
        Plot.text([name], {
          ...{ frameAnchor: 'top-right', textAnchor: 'start', dx: 16, dy: 6 + 16 * index, fontSize: 12 },
          ...{ text: (label) => `● ${label}`, fill: colours[index] },
        }),
      ),
    ],
  });
  // An image of its own needs the name of its language, which one inside a page does not.
  return svg.outerHTML.replace(/^<svg(?! xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"');
}
