import { readFileSync } from 'node:fs';
import { messageOf, NasError } from '../base/errors.ts';
import { listOf, parseJson, parseWith } from '../base/parse.ts';
import { proxySchema } from '../space/proxy.ts';
import type { Recipe } from '../trainers/recipe.ts';
import { RECIPES } from '../trainers/recipes.ts';

/** The recipe that options ask for. */
export function recipeOf({
  recipe,
  epochs,
}: {
  readonly recipe: string | Recipe;
  readonly epochs?: number;
}): Recipe {
  const named = typeof recipe === 'string' ? readRecipe(recipe) : recipe;
  return epochs === undefined ? named : { ...named, epochs };
}

/** A recipe that comes with the program by its name, any other by its file. */
function readRecipe(nameOrFile: string): Recipe {
  const named = Object.entries(RECIPES).find(([name]) => name === nameOrFile)?.[1];
  if (named !== undefined) return named.recipe;
  const expected = `${listOf(Object.keys(RECIPES))}, or a file of JSON`;
  if (!nameOrFile.endsWith('.json')) {
    throw new NasError('--recipe', { found: `no recipe '${nameOrFile}'`, expected });
  }
  let text: string;
  try {
    text = readFileSync(nameOrFile, 'utf8');
  } catch (cause) {
    throw new NasError(nameOrFile, { found: `cannot be read (${messageOf(cause)})`, expected, cause });
  }
  return parseWith(proxySchema.shape.recipe, parseJson(text, nameOrFile), nameOrFile, {
    next: 'nas train --help shows the fields of a recipe',
  });
}
