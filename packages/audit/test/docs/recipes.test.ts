import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readRecipe } from '../../src/recipe/read.ts';

const folder = resolve(import.meta.dirname, '../../../../docs/audit');

/** Blocks of YAML that are recipes, and not the configuration of a pipeline. */
function recipesIn(markdown: string): string[] {
  return [...markdown.matchAll(/^```yaml\n(.*?)^```/gms)]
    .map(([, block = '']) => block)
    .filter((block) => /^signIn:/m.test(block));
}

test('every recipe in the documentation can be used as it is written', async () => {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.md'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const recipes = texts.flatMap(recipesIn);
  expect(recipes.length).toBeGreaterThan(3);
  for (const recipe of recipes) expect(() => readRecipe(recipe)).not.toThrow();
});
