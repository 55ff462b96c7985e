import { formatCount, formatPowerOfTen } from '../base/units.ts';
import type { Cost } from '../graph/cost.ts';
import { complete } from '../space/complete.ts';
import type { Decision, DecisionPlace } from '../space/decision.ts';
import type { Genotype } from '../space/genotype.ts';
import { costOfParts, createPartBuilder } from '../space/parts.ts';
import type { SearchSpace } from '../space/search-space.ts';
import { optionLabels } from './option-labels.ts';
import { textTable } from './text-table.ts';

/** Places of one decision that a report lists. */
const MAX_PLACES = 2;

/** A space as one JSON document. */
export function describeSpace(space: SearchSpace) {
  const { name, size: networks, decisions, proxy = null, constraints } = space;
  const { family, paper, resolution, classes, divisor } = space.head.decode(complete(decisions, []));
  const references = costsOfReferences(space);
  return {
    name,
    family,
    paper,
    resolution,
    classes,
    divisor,
    networks,
    decisions,
    constraints,
    proxy,
    references,
  };
}

/** A space for people. */
export function spaceReport(space: SearchSpace): string {
  const { decisions, proxy, constraints } = space;
  const { name, family, paper, resolution, classes, divisor, references } = describeSpace(space);
  const lines = [
    `${name}: ${family}`,
    paper,
    `${formatPowerOfTen(space.size)} networks of ${decisions.length} decisions, ` +
      `${resolution}x${resolution} pixels, ${classes} classes, channels in multiples of ${divisor}`,
    ...Object.entries(constraints).map(
      ([measure, { atLeast, atMost } = {}]) =>
        `${measure} ${[atLeast && `at least ${formatCount(atLeast)}`, atMost && `at most ${formatCount(atMost)}`].filter(Boolean).join(' and ')}`,
    ),
    proxy === undefined
      ? 'no proxy: it cannot be searched by training'
      : `proxy: width ${proxy.width}, ${proxy.resolution}x${proxy.resolution} pixels, ${proxy.dropEarlyStrides} of the first strides dropped, ` +
        `${proxy.recipe.epochs} epoch(s) of ${proxy.trainImages} images`,
    ...references.map(
      (reference) =>
        `has ${reference.name}: ${formatCount(reference.macs)} MACs, ${formatCount(reference.params)} params`,
    ),
  ];
  if (decisions.length === 0) return lines.join('\n');
  const table = textTable(decisions, [
    { title: 'decision', cell: (decision) => decision.name },
    { title: 'options', cell: printOptions },
    {
      title: 'exists',
      cell: (own) => printPlaces(own, decisions),
    },
  ]);
  return [...lines, '', table].join('\n');
}

function costsOfReferences(
  space: SearchSpace,
): readonly (Cost & { readonly name: string; readonly genotype: Genotype })[] {
  const { parts } = createPartBuilder(space);
  return Object.entries(space.references).map(([name, genotype]) => ({
    name,
    genotype,
    ...costOfParts(parts(genotype)),
  }));
}

function printOptions({ options, ordinal }: Decision): string {
  return optionLabels(options).join(ordinal ? ' < ' : ', ');
}

/** The first places of a decision; where it stands at many, the others are only counted. */
function printPlaces(decision: Decision, decisions: readonly Decision[]): string {
  const shown = decision.places.slice(0, MAX_PLACES).map((place) => printPlace(place, decision, decisions));
  const more = decision.places.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more places` : ''}`;
}

/** What must have been chosen for a place to exist, and where it is unless the decision's name says so. */
function printPlace(place: DecisionPlace, own: Decision, decisions: readonly Decision[]): string {
  const conditions = place.conditions.map(({ decision, option }) => {
    const asked = decisions[decision];
    return `${asked?.name} is ${optionLabels(asked?.options ?? [])[option] ?? ''}`;
  });
  const where = place.name === own.name ? [] : [place.name];
  return [...where, ...(conditions.length === 0 ? [] : [`if ${conditions.join(' and ')}`])].join(' ');
}
