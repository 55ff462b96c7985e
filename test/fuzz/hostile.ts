import fc from 'fast-check';

/** Values that readers of documents have stumbled over: wrong types, huge numbers, names of the language's own. */
const HOSTILE: readonly unknown[] = [
  ...[null, true, false, 0, -0, -1, 0.5, 1e-320, 1e300, 1.7e308, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 31)],
  ...['', ' ', '\0', '\n', '\u2028', '\ud800', '\u001b[2J', '__proto__', 'constructor', 'toString'],
  ...['../../x', '/etc/passwd', 'x;y', '$(x)', '"', "'", '</script>', '1e9', 'NaN', 'x'.repeat(70_000)],
  ...[[], {}, [[]], [null], { choose: [] }, { choose: [1, 2] }, { choose: [1, 2], tag: '__proto__' }],
  ...[[1e300], { '': 1 }, JSON.parse('{"__proto__": {"x": 1}}'), new Array(2000).fill(0)],
];

const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...HOSTILE) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

interface Edit {
  readonly at: number;
  readonly kind: 'replace' | 'remove' | 'repeat' | 'rename' | 'swap';
  readonly other: number;
  readonly by: unknown;
}

/** A good document with a few of its parts replaced by something hostile, taken away, doubled, renamed or exchanged. */
export function brokenDocument(good: unknown): fc.Arbitrary<unknown> {
  const edit: fc.Arbitrary<Edit> = fc.record({
    at: fc.nat(1_000_000),
    other: fc.nat(1_000_000),
    kind: fc.constantFrom('replace', 'replace', 'replace', 'remove', 'repeat', 'rename', 'swap'),
    by: hostileValue,
  });
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => {
    const root = { document: structuredClone(good) };
    for (const one of edits) apply(root, one);
    return root.document;
  });
}

/** The containers of a document with the keys that lead on from them, in the order of the text. */
function places(root: object): readonly (readonly [object, string])[] {
  return Object.entries(root).flatMap(([key, value]): (readonly [object, string])[] => [
    [root, key],
    ...(value !== null && typeof value === 'object' ? places(value as object) : []),
  ]);
}

function apply(root: { document: unknown }, { at, kind, other, by }: Edit): void {
  const all = places(root);
  const [container, key] = all[at % all.length] ?? [root, 'document'];
  const value: unknown = Reflect.get(container, key);
  if (kind === 'replace') Reflect.set(container, key, structuredClone(by));
  else if (kind === 'swap') {
    const [from, name] = all[other % all.length] ?? [root, 'document'];
    Reflect.set(container, key, structuredClone(Reflect.get(from, name)));
  } else if (Array.isArray(container)) {
    if (kind === 'remove') container.splice(Number(key), 1);
    else container.splice(Number(key), 0, structuredClone(value));
  } else if (kind === 'remove') Reflect.deleteProperty(container, key);
  else Reflect.set(container, typeof by === 'string' ? by.slice(0, 40) : `${key}2`, structuredClone(value));
}

/** Good bytes with a few of them changed, cut out, doubled or put in; some of the changes make sizes of 32 bits huge. */
export function brokenBytes(good: Uint8Array): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.nat(good.length),
    length: fc.nat(24),
    by: fc.oneof(
      fc.uint8Array({ maxLength: 8 }),
      fc
        .constantFrom(
          ...[
            [255, 255, 255, 127],
            [127, 255, 255, 255],
            [255, 255, 255, 255, 255, 255, 255, 127],
            [0, 0, 0, 0],
          ],
        )
        .map((bytes) => Uint8Array.from(bytes)),
    ),
  });
  return fc
    .array(edit, { minLength: 1, maxLength: 4 })
    .map((edits) =>
      edits.reduce<Uint8Array>(
        (bytes, { at, length, by }) =>
          Uint8Array.from([
            ...bytes.subarray(0, at),
            ...by,
            ...bytes.subarray(at + Math.min(length, by.length || length)),
          ]),
        good,
      ),
    );
}
