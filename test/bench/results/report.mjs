import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { mean, sampleStandardDeviation } from 'simple-statistics';

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

/** Student's t at 97.5 % for 2, 3, … 10 values. */
const STUDENT_T = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

/** 95 % interval of a mean, in which seeds are taken to scatter normally; a dash for one of one, or of more than ten. */
function intervalOf(values, format) {
  const t = STUDENT_T[values.length - 2];
  if (t === undefined) return '–';
  const half = (t * sampleStandardDeviation(values)) / Math.sqrt(values.length);
  return `${format(mean(values) - half)} to ${format(mean(values) + half)}`;
}

/** A table in Markdown: means over the seeds, with standard deviations. */
export function table(rows) {
  const isTested = rows.every(({ testAccuracy }) => testAccuracy !== null);
  return [
    `| network | trained | measured latency | MACs as trained | params | ${isTested ? 'test' : 'validation'} accuracy | seeds |`,
    '| --- | --- | --: | --: | --: | --: | --: |',
    ...groupsOf(rows).map(({ name, how, rows: group }) => {
      const accuracies = group.map(accuracyOf);
      const spread = accuracies.length < 2 ? '' : ` ± ${percent(sampleStandardDeviation(accuracies))}`;
      const cells = [
        ...[name, how, `${mean(group.map(({ latencyMs }) => latencyMs)).toPrecision(3)} ms`],
        `${(mean(group.map(({ macs }) => macs)) / 1e6).toPrecision(3)} M`,
        `${(mean(group.map(({ params }) => params)) / 1e6).toPrecision(3)} M`,
        `${percent(mean(accuracies))}${spread}`,
        String(group.length),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

/** By how much networks are ahead of those that they are to be compared with, seed by seed, in percentage points. */
export function leads(rows) {
  const groups = groupsOf(rows);
  const lines = groups.flatMap(({ name, how, rows: ours }) =>
    (ours[0].against ?? []).flatMap((other) => {
      const theirs = groups.find((group) => group.name === other.network && group.how === other.how);
      const pairs = ours.flatMap((row) => {
        const same = theirs?.rows.find(({ seed }) => seed === row.seed);
        return same === undefined ? [] : [{ row, same }];
      });
      if (pairs.length === 0) return [];
      const ahead = pairs.map(({ row, same }) => 100 * (accuracyOf(row) - accuracyOf(same)));
      const slower = pairs.map(({ row, same }) => (same.latencyMs / row.latencyMs).toFixed(2));
      const names = [`${name}, ${how}`, `${other.network}, ${other.how}`];
      const lead = [signed(mean(ahead)), intervalOf(ahead, signed)];
      const cells = [...names, ...lead, ahead.map(signed).join(', '), slower.join(', ')];
      return [`| ${cells.join(' | ')} |`];
    }),
  );
  return [
    '| network | against | ahead by, points | 95 % interval | of each seed | whose latency is, times |',
    '| --- | --- | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}

const signed = (points) => `${points < 0 ? '−' : '+'}${Math.abs(points).toFixed(1)}`;

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
    ...{ document, width: 900, height: 520, marginRight: 320, marginBottom: 45, grid: true },
    style: { background: 'white', color: 'black', fontFamily: 'sans-serif' },
    x: { label: 'measured latency as deployed (ms)', labelAnchor: 'center', nice: true },
    y: { label: 'accuracy (%)', nice: true },
    color: { domain: names, range: colours },
    marks: [
      Plot.dot(points, { x: 'latencyMs', y: 'accuracy', fill: 'network', fillOpacity: 0.7, r: 4 }),
      ...names.flatMap((name, index) => {
        const place = { frameAnchor: 'top-right', dy: 12 + 18 * index };
        return [
          Plot.dot([name], { ...place, dx: 18, r: 4, fill: colours[index] }),
          Plot.text([name], {
            ...{ ...place, dx: 28, textAnchor: 'start', lineAnchor: 'middle', fontSize: 12 },
            text: (label) => label,
          }),
        ];
      }),
    ],
  });
  // An image of its own needs the name of its language, which one inside a page does not.
  return svg.outerHTML.replace(/^<svg(?! xmlns=)/, '<svg xmlns="http://www.w3.org/2000/svg"');
}
