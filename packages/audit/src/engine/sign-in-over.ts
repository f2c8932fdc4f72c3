/** Signs in once more with a browser that is signed in already, as the same user or as another. */
import { isAuditError } from '../errors.ts';
import type { Answer } from '../http/message.ts';
import type { Account } from '../site/account.ts';
import { signInFormOf } from '../site/find-form.ts';
import { pageOf, type Visitor } from '../site/visitor.ts';
import type { CheckContext } from './context.ts';

/** By the form, even where the site does not show it to who is signed in. Whether it worked is not judged here. */
export async function signInOver(
  context: CheckContext,
  visitor: Visitor,
  account: Account,
): Promise<readonly Answer[]> {
  const { gate } = context.signedIn;
  if (context.recipe.signIn || gate.needsScript || !gate.signInPage) {
    // Who is signed in may be led away from the form.
    return gate.signIn(visitor, account).catch((error: unknown) => {
      if (isAuditError(error, 'sign_in_failed') || isAuditError(error, 'recipe')) return [];
      throw error;
    });
  }
  const own = (await visitor.open(gate.signInPage)).last;
  const page = signInFormOf(pageOf(own))
    ? own
    : (await context.site.visitor('a stranger').open(gate.signInPage)).last;
  const found = signInFormOf(pageOf(page));
  if (!found?.password || !found.username) return [];
  const values = { [found.username.name]: account.user, [found.password.name]: account.password };
  return (await visitor.submit(found.form, page.request.url, values)).answers;
}
