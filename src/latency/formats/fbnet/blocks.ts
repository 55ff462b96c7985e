import { NasError } from '../../../base/errors.ts';
import type { Shape } from '../../../graph/op.ts';
import { type Fields, optionalWholeNumber, quote, requiredText, shapeField, wholeNumber } from '../fields.ts';
import { type BlockSource, type LoweredLayer, lowerBlockAlone, lowerLayer } from '../lower-layer.ts';

/** The block of a row, by the name of its op and by its columns. */
export function lowerRow(fields: Fields): LoweredLayer {
  const { where } = fields;
  const [op = '', ...words] = requiredText(fields, 'op', 'a block such as ir_k3_e6').toLowerCase().split('_');
  const isCandidate = /^k\d+$/.test(op);
  const named = wordsOf(isCandidate ? [op, ...words] : words, where);
  const input = inputOf(fields);
  const activation = fields.text('activation') ?? 'relu';
  const block = (source: BlockSource): LoweredLayer =>
    lowerBlockAlone(where, source, input, {
      channels: wholeNumber(fields, 'channels'),
      stride: optionalWholeNumber(fields, 'stride') ?? 1,
    });
  // What the name says, else the column; a name and a column that say different things are an error.
  const sizeOf = (name: 'kernel' | 'expansion' | 'groups', otherwise?: number): number => {
    const inColumn = optionalWholeNumber(fields, name);
    const value = named[name] ?? inColumn ?? otherwise;
    if (value === undefined || (inColumn !== undefined && inColumn !== value)) {
      throw new NasError(where, {
        found: value === undefined ? `no ${name}` : `${name} is ${inColumn}`,
        expected:
          value === undefined
            ? `its ${name}, in the op's name or a column`
            : `${value}, as the block's name says`,
      });
    }
    return value;
  };
  switch (isCandidate ? 'ir' : op) {
    case 'ir':
      return block({
        type: 'inverted-residual',
        kernel: sizeOf('kernel'),
        expansion: sizeOf('expansion'),
        groups: sizeOf('groups', 1),
        expandAlways: true,
        activation,
      });
    case 'conv':
      return block({ type: 'convolution', kernel: sizeOf('kernel'), activation });
    case 'skip':
      return block({ type: 'identity', activation });
    case 'avgpool':
      return lowerLayer(where, (builder) => builder.globalAveragePool(builder.input(input)));
    case 'fc':
      return lowerLayer(where, (builder) =>
        builder.linear(builder.input(input), wholeNumber(fields, 'channels')),
      );
    case 'logits':
      return block({ type: 'classifier' });
    default:
      throw new NasError(where, {
        found: `op is ${quote(fields.text('op') ?? '')}`,
        expected: 'ir_k3_e6 and the like, conv, skip, avgpool, fc or logits',
      });
  }
}

/** What a block's name says: `k3` the window, `e6` the expansion, `g2` groups; `s2` and `s4` are groups with a shuffle. */
function wordsOf(
  words: readonly string[],
  where: string,
): { readonly kernel?: number; readonly expansion?: number; readonly groups?: number } {
  let named = {};
  for (const word of words) {
    const [, letter, digits] = /^([kegs])(\d{1,3})$/.exec(word) ?? [];
    const size = Number(digits);
    if (letter === undefined) {
      throw new NasError(where, {
        found: `op has ${quote(word)} in it`,
        expected: 'k, e, g or s with a number, such as ir_k3_e6 or ir_k5_s2',
      });
    }
    if (letter === 'k') named = { ...named, kernel: size };
    if (letter === 'e') named = { ...named, expansion: size };
    if (letter === 'g') named = { ...named, groups: size };
    // In FBNet's released code s2 is 2 groups at expansion 1, and s4 is 4 groups at expansion 4.
    if (letter === 's') named = { ...named, groups: size, expansion: size === 2 ? 1 : size };
  }
  return named;
}

function inputOf(fields: Fields): Shape {
  if (fields.text('input') !== undefined) return shapeField(fields, 'input');
  const height = wholeNumber(fields, fields.text('size') === undefined ? 'height' : 'size');
  const width = optionalWholeNumber(fields, 'width') ?? height;
  return [height, width, wholeNumber(fields, 'in_channels')];
}
