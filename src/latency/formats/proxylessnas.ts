import { parseDocument } from 'yaml';
import { messageOf, NasError } from '../../base/errors.ts';
import type { Shape } from '../../graph/op.ts';
import { type Fields, fieldsOf, positiveTime, quote, shapeField, switchedOn, wholeNumber } from './fields.ts';
import { bareLatency, type LatencyRow, type SourceFile, type TableFormat } from './format.ts';
import { type BlockSource, kernelsOf, kernelsOfBlock } from './lower-row.ts';
import { readOrRefuse } from './rows.ts';

/**
 * The tables of ProxylessNAS (arXiv:1812.00332, appendix B) and Once-for-All (arXiv:1908.09791): YAML whose keys are
 * layers, such as `expanded_conv-input:112x112x16-output:56x56x24-expand:3-kernel:5-stride:2-idskip:0`, each with its
 * `mean` in milliseconds.
 *
 * Once-for-All's keys end with `-se:0-hs:1`. There `expand` is the number of expanded channels, not a ratio, and the
 * layers outside of blocks have h-swish, as in MobileNetV3; without those keys all activations are ReLU6.
 */
export const proxylessnas: TableFormat = {
  description:
    'YAML of ProxylessNAS and Once-for-All: expanded_conv-input:…-expand:3-kernel:5-…, each with its mean in ms',
  statistic: 'mean',
  *read(files) {
    for (const file of files) {
      const isOnceForAll = /-hs:[01]/.test(file.text);
      for (const entry of entriesOf(file)) {
        yield readOrRefuse(() => readEntry(entry, isOnceForAll));
      }
    }
  },
};

/** The lines of one key and its value. */
interface Entry {
  /** Of the file, with the line of the key. */
  readonly where: string;
  readonly yaml: string;
}

/** Longer than any entry; the time and the memory that YAML takes are bounded by the entry, not by the file. */
const LONGEST_ENTRY = 4096;

/** Cuts a file at the lines that begin with a key; the lines after one that are indented belong to it. */
function* entriesOf({ where, text }: SourceFile): Generator<Entry> {
  let yaml = '';
  let begin = 1;
  let line = 0;
  for (const [content] of text.matchAll(/[^\n]*(?:\n|$)/g)) {
    line++;
    if (/^(#|---\s*$|\s*$)/.test(content)) continue;
    if (/^[^\s:]/.test(content)) {
      if (yaml !== '') yield { where: `${where}:${begin}`, yaml };
      yaml = '';
      begin = line;
    }
    if (yaml.length <= LONGEST_ENTRY) yaml += content;
  }
  if (yaml !== '') yield { where: `${where}:${begin}`, yaml };
}

function readEntry({ where, yaml }: Entry, isOnceForAll: boolean): LatencyRow {
  const [key, value] = parseEntry(yaml, where);
  const { kernels } = lowerKey(key, isOnceForAll, where);
  return { where, kernels, latency: bareLatency(positiveTime(fieldsOf(value, where), 'mean')) };
}

function parseEntry(yaml: string, where: string): readonly [string, object] {
  const refuse = (found: string): never => {
    throw new NasError(where, { found, expected: "a layer with its 'mean', as YAML" });
  };
  if (yaml.length > LONGEST_ENTRY) refuse(`an entry of more than ${LONGEST_ENTRY} characters`);
  let parsed: unknown;
  try {
    const document = parseDocument(yaml, { prettyErrors: false, logLevel: 'silent' });
    const [error] = document.errors;
    if (error !== undefined) refuse(`no YAML (${error.message})`);
    // No alias stands for another value, so that no few lines are millions.
    parsed = document.toJS({ maxAliasCount: 0 });
  } catch (error) {
    throw error instanceof NasError ? error : refuse(`no YAML (${messageOf(error)})`);
  }
  const entries = typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [];
  const [[key, value] = ['', undefined], second] = entries;
  if (Array.isArray(parsed) || second !== undefined || typeof value !== 'object' || value === null) {
    refuse(entries.length === 0 ? 'no key' : `${quote(key)} with something else`);
  }
  return [key, value as object];
}

/** `expanded_conv-input:112x112x16-…`: the kind of the layer, then names with what they are. */
function lowerKey(key: string, isOnceForAll: boolean, where: string): ReturnType<typeof kernelsOf> {
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

type LowerLayer = (fields: Fields, isOnceForAll: boolean) => ReturnType<typeof kernelsOf>;

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
        kernelsOf(fields.where, (b) => b.globalAveragePool(b.input(shapeField(fields, 'input')))),
      ),
  ],
  // All that is left: the mean over the pixels, where there are several, and the classifier.
  [
    'Logits',
    (fields) =>
      kernelsOfBlock(fields.where, { type: 'classifier' }, shapeField(fields, 'input'), {
        channels: wholeNumber(fields, 'output'),
      }),
  ],
]);

function convolution(fields: Fields, kernel: number, isOnceForAll: boolean): ReturnType<typeof kernelsOf> {
  const source: BlockSource = { type: 'convolution', kernel, activation: isOnceForAll ? 'hswish' : 'relu6' };
  return layer(fields, source);
}

/** A layer over one pixel: what MobileNetV3 has for a fully connected one (arXiv:1905.02244, section 5.1). */
function hiddenLayer(fields: Fields, isOnceForAll: boolean): ReturnType<typeof kernelsOf> {
  const [, , channels] = shapeField(fields, 'output');
  const lowered = kernelsOf(fields.where, (builder) =>
    builder.activation(
      builder.linear(builder.input(shapeField(fields, 'input')), channels),
      isOnceForAll ? 'hswish' : 'relu6',
    ),
  );
  return checked(fields, lowered);
}

function invertedResidual(fields: Fields, isOnceForAll: boolean): ReturnType<typeof kernelsOf> {
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
  const [stride, input, output] = [
    wholeNumber(fields, 'stride', 1, 2),
    fields.text('input'),
    fields.text('output'),
  ];
  if (hasShortcut && (stride !== 1 || input !== output)) {
    throw new NasError(fields.where, {
      found: 'idskip is 1',
      expected: '0 where input and output are not of one shape',
    });
  }
  return layer(fields, source, stride);
}

/** A block with the shapes that the key says. */
function layer(fields: Fields, source: BlockSource, stride?: number): ReturnType<typeof kernelsOf> {
  const input = shapeField(fields, 'input');
  const [height, , channels] = shapeField(fields, 'output');
  const implied = Math.ceil(input[0] / 2) === height && input[0] !== height ? 2 : 1;
  return checked(
    fields,
    kernelsOfBlock(fields.where, source, input, { channels, stride: stride ?? implied }),
  );
}

/** Refuses a layer that does not come to the output the key says. */
function checked(
  fields: Fields,
  lowered: { readonly kernels: readonly string[]; readonly output: Shape },
): ReturnType<typeof kernelsOf> {
  const said = shapeField(fields, 'output').join('x');
  const built = lowered.output.join('x');
  if (said === built) return lowered;
  throw new NasError(fields.where, {
    found: `output is ${said}`,
    expected: `${built}, by the input and the stride`,
  });
}
