import { NasError } from '../base/errors.ts';
import { isChoice, type Tree } from './choice.ts';

/** One stage of a decoded network, before its choices are made. */
export interface StageTree {
  readonly tree: Tree;
  /** In the names of decisions: `stages[3]`, or `stages[3].layers[1]` where each layer chooses for itself. */
  readonly name: string;
  /** In the file: `stages[3]`. */
  readonly filePath: string;
}

/**
 * The stages that the file's stages stand for. The `repeat` layers of a stage share their choices; where the stage
 * says `"independent": true` each makes its own, so it becomes `repeat` stages of one layer, the first with the
 * stride.
 */
export function expandLayers(stages: readonly Tree[], where: string): readonly StageTree[] {
  return stages.flatMap((tree, index): StageTree[] => {
    const filePath = `stages[${index}]`;
    if (!isRecord(tree) || isChoice(tree) || !('independent' in tree)) {
      return [{ tree, name: filePath, filePath }];
    }
    const { independent, repeat = 1, stride, ...shared } = tree;
    if (typeof independent !== 'boolean') {
      throw new NasError(where, {
        found: `${filePath}.independent is ${JSON.stringify(independent)}`,
        expected: 'true or false',
      });
    }
    const first = stride === undefined ? shared : { ...shared, stride };
    if (!independent) return [{ tree: { ...first, repeat }, name: filePath, filePath }];
    if (typeof repeat !== 'number' || !Number.isInteger(repeat) || repeat < 1 || repeat > 64) {
      throw new NasError(where, {
        found: `${filePath}.repeat is ${JSON.stringify(repeat).slice(0, 60)}`,
        expected: 'a whole number from 1 to 64, for its layers are independent',
        next: 'let a layer be left out by the option {"type": "identity"} of its block',
      });
    }
    return Array.from({ length: repeat }, (_, layer) => ({
      tree: layer === 0 ? first : shared,
      name: `${filePath}.layers[${layer}]`,
      filePath,
    }));
  });
}

function isRecord(tree: Tree): tree is { readonly [key: string]: Tree } {
  return tree !== null && typeof tree === 'object' && !Array.isArray(tree);
}
