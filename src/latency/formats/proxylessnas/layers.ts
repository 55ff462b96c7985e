import { NasError } from '../../../base/errors.ts';
import { type Fields, quote, shapeField, switchedOn, wholeNumber } from '../fields.ts';
import { type BlockSource, type LoweredLayer, lowerBlockAlone, lowerLayer } from '../lower-layer.ts';

/** `expanded_conv-input:112x112x16-…`: the kind of the layer, then names with what they are. */
export function lowerKey(key: string, isOnceForAll: boolean, where: string): LoweredLayer {
  const [kind = '', ...words] = key.split('-');
  const named = new Map(
    words.map((word): [string, string] => {
      const colon = word.indexOf(':');
      return colon === -1 ? [word, ''] : [word.slice(0, colon), word.slice(colon + 1)];
    }),
  );
  const fields: Fields = { where, text: (name) => named.get(name) || undefined };
  const lower = LAYERS.get(kind);
  const names = kind === 'expanded_conv' ? namesOfBlock(isOnceForAll) : ['input', 'output'];
  if (
    lower === undefined ||
    named.size < words.length ||
    [...named.keys()].some((name) => !names.includes(name))
  ) {
    throw new NasError(where, {
      found: quote(key),
      expected:
        lower === undefined
          ? `a layer of the kind ${[...LAYERS.keys()].join(', ')}`
          : `${kind} with ${names.join(', ')}, each once`,
    });
  }
  return lower(fields, isOnceForAll);
}

const namesOfBlock = (isOnceForAll: boolean): readonly string[] => [
  ...['input', 'output', 'expand', 'kernel', 'stride', 'idskip'],
  ...(isOnceForAll ? ['se', 'hs'] : []),
];

type LowerLayer = (fields: Fields, isOnceForAll: boolean) => LoweredLayer;

const LAYERS: ReadonlyMap<string, LowerLayer> = new Map<string, LowerLayer>([
  // The first layer of the network.
  ['Conv', (fields, isOnceForAll) => convolution(fields, 3, isOnceForAll)],
  // The one before the pool, and in MobileNetV3 the one after it.
  ['Conv_1', (fields, isOnceForAll) => convolution(fields, 1, isOnceForAll)],
  ['Conv_2', hiddenLayer],
  ['expanded_conv', invertedResidual],
  [
    'AvgPool2D',
    (fields) =>
      checked(
        fields,
        lowerLayer(fields.where, (b) => b.globalAveragePool(b.input(shapeField(fields, 'input')))),
      ),
  ],
  // All that is left: the mean over the pixels, where there are several, and the classifier.
  [
    'Logits',
    (fields) =>
      lowerBlockAlone(fields.where, { type: 'classifier' }, shapeField(fields, 'input'), {
        channels: wholeNumber(fields, 'output'),
      }),
  ],
]);

function convolution(fields: Fields, kernel: number, isOnceForAll: boolean): LoweredLayer {
  const source: BlockSource = { type: 'convolution', kernel, activation: isOnceForAll ? 'hswish' : 'relu6' };
  return layer(fields, source);
}

/** A layer over one pixel: what MobileNetV3 has for a fully connected one (arXiv:1905.02244, section 5.1). */
function hiddenLayer(fields: Fields, isOnceForAll: boolean): LoweredLayer {
  const [, , channels] = shapeField(fields, 'output');
  const lowered = lowerLayer(fields.where, (builder) =>
    builder.activation(
      builder.linear(builder.input(shapeField(fields, 'input')), channels),
      isOnceForAll ? 'hswish' : 'relu6',
    ),
  );
  return checked(fields, lowered);
}

function invertedResidual(fields: Fields, isOnceForAll: boolean): LoweredLayer {
  const [, , inputChannels] = shapeField(fields, 'input');
  const expand = wholeNumber(fields, 'expand');
  const hasShortcut = switchedOn(fields, 'idskip');
  const source: BlockSource = {
    type: 'inverted-residual',
    kernel: wholeNumber(fields, 'kernel'),
    expansion: isOnceForAll ? expand / inputChannels : expand,
    activation: isOnceForAll ? (switchedOn(fields, 'hs') ? 'hswish' : 'relu') : 'relu6',
    squeezeExcitation: isOnceForAll && switchedOn(fields, 'se') ? { ratio: 0.25 } : null,
    skip: hasShortcut ? 'identity' : 'none',
  };
  const stride = wholeNumber(fields, 'stride', 1, 2);
  if (hasShortcut && (stride !== 1 || fields.text('input') !== fields.text('output'))) {
    throw new NasError(fields.where, {
      found: 'idskip is 1',
      expected: '0 where input and output are not of one shape',
    });
  }
  return layer(fields, source, stride);
}

/** A block with the shapes that the key says. */
function layer(fields: Fields, source: BlockSource, stride?: number): LoweredLayer {
  const input = shapeField(fields, 'input');
  const [height, , channels] = shapeField(fields, 'output');
  const implied = Math.ceil(input[0] / 2) === height && input[0] !== height ? 2 : 1;
  return checked(
    fields,
    lowerBlockAlone(fields.where, source, input, { channels, stride: stride ?? implied }),
  );
}

/** Refuses a layer that does not come to the output the key says. */
function checked(fields: Fields, lowered: LoweredLayer): LoweredLayer {
  const said = shapeField(fields, 'output').join('x');
  const built = lowered.output.join('x');
  if (said === built) return lowered;
  throw new NasError(fields.where, {
    found: `output is ${said}`,
    expected: `${built}, by the input and the stride`,
  });
}
