import { isChoice, type Tree } from '../space/choice.ts';

/** An option in a few words: a block by its type, a stage by its block, anything else as it is written. */
function printOption(option: Tree): string {
  if (isRecord(option)) {
    if ('type' in option) return String(option.type);
    if ('block' in option) return printOption(option.block as Tree);
    if (isChoice(option)) return `one of ${option.choose.map(printOption).join(', ')}`;
  }
  const text = JSON.stringify(option);
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
}

/** The options of a decision in a few words each, with the fields that tell those of one type apart. */
export function optionLabels(options: readonly Tree[]): readonly string[] {
  const labels = options.map(printOption);
  return options.map((option, index) => {
    const label = labels[index] ?? '';
    const alike = options.filter((_, other) => labels[other] === label);
    if (alike.length < 2 || !isRecord(option)) return label;
    const telling = Object.entries(option).filter(([field, value]) =>
      alike.some((other) => isRecord(other) && JSON.stringify(other[field]) !== JSON.stringify(value)),
    );
    return [label, ...telling.map(([field, value]) => `${field} ${printOption(value)}`)].join(' ');
  });
}

function isRecord(tree: Tree): tree is { readonly [key: string]: Tree } {
  return tree !== null && typeof tree === 'object' && !Array.isArray(tree);
}
