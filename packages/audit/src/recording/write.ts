/** A recipe as a file that somebody reads, and goes on with. */
import { stringify } from 'yaml';
import type { Recipe } from '../recipe/recipe.ts';

/** In the order of a file, with what each is for. */
const PARTS: readonly (readonly [key: keyof Recipe, says: string])[] = [
  ['hosts', 'Further hosts that the audit may speak to.'],
  [
    'signIn',
    'How to sign in. ${user} is --user, and ${password} what --password-env names: neither stands here.',
  ],
  ['token', 'Where the answer to that has the token for the Authorization header.'],
  ['signedIn', 'What only who is signed in sees.'],
  ['signOut', 'How to sign out.'],
];

/** Only the parts that a recording gives. */
export function writeRecipe(recipe: Recipe, says: readonly string[]): string {
  const parts = PARTS.flatMap(([key, comment]) =>
    recipe[key] === undefined ? [] : [`# ${comment}\n${stringify({ [key]: recipe[key] }, { lineWidth: 0 })}`],
  );
  return [...says.map((line) => `# ${line}\n`), ...parts].join('');
}
