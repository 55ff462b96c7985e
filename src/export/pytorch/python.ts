import type { Extent } from '../../graph/op.ts';

/** `3`, or `(1, 3)` where height and width differ. */
export function pythonExtent([height, width]: Extent): string {
  return height === width ? String(height) : `(${height}, ${width})`;
}

/** The names of a path joined to one that Python takes: `expand.batch-norm` to `expand_batch_norm`. */
export function pythonName(path: string): string {
  const name = path.replaceAll(/\W+/g, '_');
  return /^\d/.test(name) ? `_${name}` : name;
}

/** A call with the arguments that are not as PyTorch has them anyway. */
export function pythonCall(name: string, args: readonly (string | undefined)[]): string {
  return `${name}(${args.filter((arg) => arg !== undefined).join(', ')})`;
}
