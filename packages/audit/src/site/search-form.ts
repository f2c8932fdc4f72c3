/** Looks for the page with the sign-in form: from the start page over its links, and where applications usually have it. */
import { runsScript } from '../html/page.ts';
import type { Answer } from '../http/message.ts';
import { type SignInForm, signInFormOf, signInLinks, USUAL_SIGN_IN_PATHS } from './find-form.ts';
import type { Site } from './site.ts';
import { pageOf, type Visitor } from './visitor.ts';

export interface Search {
  readonly form?: { readonly answer: Answer; readonly found: SignInForm };
  /** A page that was looked at has a script, which may make a form. */
  readonly hasScript: boolean;
}

const MAX_PAGES = 3;

/** @param known where the form stood before */
export async function searchSignInForm(site: Site, visitor: Visitor, known?: URL): Promise<Search> {
  const queue = [known ?? site.target];
  const seen = new Set<string>();
  const usual = USUAL_SIGN_IN_PATHS.map((path) => new URL(path, site.target));
  let hasScript = false;
  for (let next = queue.shift(); next; next = queue.shift() ?? usual.shift()) {
    if (seen.has(next.href) || !site.client.mayReach(next)) continue;
    seen.add(next.href);
    const { last } = await visitor.open(next);
    if (last.status >= 400 && last.status !== 401 && last.status !== 403) continue;
    const page = pageOf(last);
    const found = signInFormOf(page);
    hasScript ||= runsScript(last.body);
    if (found) {
      for (const field of found.form.fields) {
        if (field.type === 'hidden' && field.value.length >= 12) site.mask.hide(field.value, field.name);
      }
      return { form: { answer: last, found }, hasScript };
    }
    if (queue.length < MAX_PAGES) queue.push(...signInLinks(page).slice(0, MAX_PAGES));
  }
  return { hasScript };
}
