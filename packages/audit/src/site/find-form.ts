/** Finds the form or link that signs in or out, by what a person would go by. */
import type { Field, Form, Link, Page } from '../html/page.ts';

const SIGN_IN =
  /\b(?:log|sign)[\s_-]?(?:in|on)\b|\blogin\b|\bsignin\b|\bauthenticat|anmeld|einlogg|connexion|iniciar/i;
const SIGN_UP = /\b(?:sign[\s_-]?up|regist|create (?:an |your )?account|join)\b/i;
export const SIGN_OUT: RegExp =
  /\b(?:log|sign)[\s_-]?(?:out|off)\b|\blogout\b|\bsignout\b|abmeld|auslogg|d[ée]connexion|cerrar/i;
export const EVERYWHERE: RegExp = /everywhere|all (?:devices|sessions)|other (?:devices|sessions)/i;
const USERNAME = /user|login|e-?mail|account|ident|name|uid/i;

export interface SignInForm {
  readonly form: Form;
  readonly username: Field | undefined;
  readonly password: Field | undefined;
}

/** Fields that a person types into. */
function typed(form: Form): Field[] {
  return form.fields.filter(({ type }) => ['text', 'email', 'tel', 'textarea', ''].includes(type));
}

export function signInFormOf(page: Page): SignInForm | undefined {
  const candidates = page.forms.flatMap((form) => {
    const passwords = form.fields.filter(({ type }) => type === 'password');
    // Two passwords are a sign-up or a change of the password.
    if (passwords.length > 1 || passwords.some((it) => it.autocomplete === 'new-password')) return [];
    const username = usernameOf(form);
    const [password] = passwords;
    const words = `${form.text} ${form.id} ${form.action.pathname}`;
    if (!password && !(username && SIGN_IN.test(`${words} ${page.title}`))) return [];
    const score =
      (password ? 10 : 0) +
      (username ? 5 : 0) +
      (SIGN_IN.test(words) ? 4 : 0) +
      (form.method === 'POST' ? 2 : 0) -
      (SIGN_UP.test(form.action.pathname) ? 8 : 0) -
      typed(form).length;
    return [{ form, username, password, score }];
  });
  const [best] = candidates.toSorted((a, b) => b.score - a.score);
  return best && { form: best.form, username: best.username, password: best.password };
}

function usernameOf(form: Form): Field | undefined {
  const fields = typed(form).filter(({ name }) => name !== '');
  return (
    fields.find(({ autocomplete }) => /\b(?:username|email)\b/.test(autocomplete)) ??
    fields.find(({ name, id, type }) => type === 'email' || USERNAME.test(`${name} ${id}`)) ??
    fields[0]
  );
}

/** Links that may lead to the sign-in page, the likeliest first. */
export function signInLinks(page: Page): URL[] {
  return page.links
    .filter(({ target, text }) => SIGN_IN.test(text) || SIGN_IN.test(target.pathname.replaceAll('/', ' ')))
    .map(({ target }) => target);
}

/** Where applications usually keep it, for a start page that does not say. */
export const USUAL_SIGN_IN_PATHS: readonly string[] = [
  '/login',
  '/sign-in',
  '/signin',
  '/users/sign_in',
  '/accounts/login/',
  '/auth/login',
  '/account/login',
  '/user/login',
  '/login.php',
  '/admin/login/',
  '/wp-login.php',
];

export type SignOutControl = { readonly form: Form } | { readonly link: Link };

/** A form is taken before a link: a link that signs out is a weakness of its own, and often not the only way. */
export function signOutControlOf(page: Page): SignOutControl | undefined {
  const forms = page.forms.filter((form) => {
    const words = `${form.text} ${form.id} ${form.action.pathname.replaceAll('/', ' ')}`;
    return SIGN_OUT.test(words) && !form.fields.some(({ type }) => type === 'password');
  });
  const form = forms.find(({ text }) => !EVERYWHERE.test(text)) ?? forms[0];
  if (form) return { form };
  const link = signOutLinkOf(page);
  return link && { link };
}

export function signOutLinkOf(page: Page): Link | undefined {
  return page.links.find((link) => isSignOut(link));
}

export function isSignOut({ target, text }: Link): boolean {
  return saysSignOut(text) || saysSignOut(target.pathname.replaceAll('/', ' '));
}

export function saysSignOut(words: string): boolean {
  return SIGN_OUT.test(words);
}

/** Links that are safe to follow when looking for pages: nothing that ends, removes or changes. */
export function isHarmless(link: Link): boolean {
  const words = `${link.text} ${link.target.pathname.replaceAll('/', ' ')} ${link.target.search}`;
  return (
    !isSignOut(link) && !/delet|remov|cancel|revoke|unsubscrib|reset|destroy|\bend\b|disable/i.test(words)
  );
}
