/** What two strangers are given by the pages that anybody can open: the start page, and that of the sign-in form. */
import type { StoredCookie } from '../cookies/jar.ts';
import type { Answer } from '../http/message.ts';
import type { SignInForm } from '../site/find-form.ts';
import { searchSignInForm } from '../site/search-form.ts';
import type { Site } from '../site/site.ts';
import type { CheckContext } from './context.ts';

export interface Strangers {
  /** What the first of them was answered. */
  readonly answers: readonly Answer[];
  readonly form?: { readonly answer: Answer; readonly found: SignInForm };
  /** Cookies that the two were given with different values: each visitor has their own. */
  readonly personal: readonly StoredCookie[];
}

/** A shorter value that differs is a choice between a few, and no session. */
const SHORTEST = 12;

const known = new WeakMap<Site, Promise<Strangers>>();

/** The visits are made once. */
export function strangersOf(context: CheckContext): Promise<Strangers> {
  const visits = known.get(context.site) ?? visit(context);
  known.set(context.site, visits);
  return visits;
}

async function visit(context: CheckContext): Promise<Strangers> {
  const { site } = context;
  const first = site.visitor('a stranger');
  const second = site.visitor('another stranger');
  return context.step('Two strangers open the start page, and that of the sign-in form.', async () => {
    const answers = [...(await first.open(site.target)).answers];
    const { form } = await searchSignInForm(site, first, context.signInPage);
    if (form && !answers.includes(form.answer)) answers.push(form.answer);
    await second.open(site.target);
    if (form) await second.open(form.answer.request.url);
    const personal = first.jar.cookies.filter(({ name, value }) =>
      second.jar.cookies.some((it) => it.name === name && it.value !== value && value.length >= SHORTEST),
    );
    return { answers, personal, ...(form && { form }) };
  });
}
