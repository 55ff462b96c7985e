import type { LatencyTable } from './table.ts';

/**
 * Imported tables have times of whole blocks: of kernels one after another. Such an entry stands in a table under the
 * signatures of its kernels, in order of execution.
 */
const SEPARATOR = ' ; ';

/** The signature under which kernels that run one after another stand in a table; of one kernel its own. */
export function joinKernels(signatures: readonly string[]): string {
  return signatures.join(SEPARATOR);
}

/** Undoes `joinKernels`. */
export function splitKernels(signature: string): readonly string[] {
  return signature.split(SEPARATOR);
}

export function isSequence(signature: string): boolean {
  return signature.includes(SEPARATOR);
}

/** What entries of a table go on with after the kernels that led here. */
interface Prefix {
  readonly next: Map<string, Prefix>;
  /** The table has these kernels as an entry. */
  isEntry: boolean;
}

/** By the kernels of a table; `undefined` where none of its entries is a sequence. */
const prefixes = new WeakMap<LatencyTable['kernels'], Prefix | undefined>();

function prefixesOf({ kernels }: LatencyTable): Prefix | undefined {
  if (prefixes.has(kernels)) return prefixes.get(kernels);
  const root: Prefix = { next: new Map(), isEntry: false };
  let hasSequences = false;
  for (const signature of kernels.keys()) {
    hasSequences ||= isSequence(signature);
    let at = root;
    for (const kernel of splitKernels(signature)) {
      const next: Prefix = at.next.get(kernel) ?? { next: new Map(), isEntry: false };
      at.next.set(kernel, next);
      at = next;
    }
    at.isEntry = true;
  }
  const found = hasSequences ? root : undefined;
  prefixes.set(kernels, found);
  return found;
}

/** How the kernels from some place on are best cut. */
interface Cut {
  /** Kernels that no entry covers. */
  readonly missing: number;
  readonly pieces: number;
  /** Kernels in the first piece. */
  readonly length: number;
}

/**
 * Cuts the kernels of a network, in order of execution, into pieces that are entries of a table: so that as few kernels
 * as possible are in none, those as pieces of their own, and then into as few as possible, the first as long as
 * possible. In a table without sequences every kernel is a piece.
 */
export function cutIntoEntries(signatures: readonly string[], table: LatencyTable): readonly string[] {
  const root = prefixesOf(table);
  if (root === undefined) return signatures;
  // From the end: cuts[i] is for the kernels from i on.
  const cuts: Cut[] = [{ missing: 0, pieces: 0, length: 0 }];
  for (let from = signatures.length - 1; from >= 0; from--) {
    // The cut of what follows a piece that begins here.
    const after = (length: number): Cut => cuts[cuts.length - length] ?? { missing: 0, pieces: 0, length: 0 };
    let best: Cut = { missing: after(1).missing + 1, pieces: after(1).pieces + 1, length: 1 };
    let at: Prefix | undefined = root;
    for (let length = 1; from + length <= signatures.length; length++) {
      at = at.next.get(signatures[from + length - 1] ?? '');
      if (at === undefined) break;
      if (!at.isEntry) continue;
      const { missing, pieces } = after(length);
      const isBetter = missing < best.missing || (missing === best.missing && pieces + 1 <= best.pieces);
      if (isBetter) best = { missing, pieces: pieces + 1, length };
    }
    cuts.push(best);
  }
  const entries: string[] = [];
  for (let from = 0; from < signatures.length; ) {
    const length = cuts[signatures.length - from]?.length ?? 1;
    entries.push(joinKernels(signatures.slice(from, from + length)));
    from += length;
  }
  return entries;
}
