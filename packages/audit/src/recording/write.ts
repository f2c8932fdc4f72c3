/** A recipe as a file that somebody reads, and goes on with. */
import { stringify } from 'yaml';
import { AuditError } from '../errors.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { tellsSecret } from './secrets.ts';

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

/**
 * Only the parts that a recording gives.
 *
 * @param secrets what must not stand in it
 * @throws AuditError `sign_in_failed` where one of them would
 */
export function writeRecipe(recipe: Recipe, says: readonly string[], secrets: readonly string[]): string {
  if (tellsSecret(recipe, secrets)) {
    throw new AuditError(
      'sign_in_failed',
      'what was recorded has something in it that was typed where it is not shown, and nothing is written. Where that is a word of the site by chance, record with another password',
    );
  }
  const parts = PARTS.flatMap(([key, comment]) =>
    recipe[key] === undefined ? [] : [`# ${comment}\n${stringify({ [key]: recipe[key] }, { lineWidth: 0 })}`],
  );
  return [...says.map((line) => `# ${line}\n`), ...parts].join('');
}
