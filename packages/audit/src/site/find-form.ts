/** Finds the form or link that signs in or out, by what a person would go by. */
import type { Field, Form, Link, Page } from '../html/page.ts';

const SIGN_IN =
  /\b(?:log|sign)[\s_-]?(?:in|on)\b|\blogin\b|\bsignin\b|\bauthenticat|anmeld|einlogg|connexion|iniciar/i;
const SIGN_UP = /\b(?:sign[\s_-]?up|regist|create (?:an |your )?account|join)\b/i;
const SIGN_OUT =
  /\b(?:log|sign)[\s_-]?(?:out|off)\b|\blogout\b|\bsignout\b|abmeld|auslogg|d[ée]connexion|\bcerrar[\s_-]?(?:(?:la|tu|mi|su)[\s_-])?sesi[oó]n\b/i;
/** It ends what is not the session of who presses it. */
const OTHER_SESSIONS = new RegExp(
  [
    /everywhere|(?<![a-z])(?:all|any|other|every|each)[\s_-](?:(?:of|my|your|the|other)[\s_-]){0,3}(?:device|session|browser|computer|place|location|user)/,
    /(?:out|off)[\s_-](?:of[\s_-])?(?:the[\s_-])?(?:all|others?)(?![a-z])/,
    /[üu]berall|(?<![a-z])(?:alle|andere)[mnrs]?[\s_-](?:anderen[\s_-])?(?:ger[äa]te|sitzung)/,
    /partout|(?<![a-z])(?:tous|toutes|autres)[\s_-](?:(?:les|vos|mes|autres)[\s_-]){0,3}(?:appareils|sessions)/,
    /(?<![a-z])(?:tod[oa]s|otr[oa]s|dem[áa]s)[\s_-](?:(?:l[oa]s|[mst]us|otr[oa]s|dem[áa]s)[\s_-]){0,3}(?:dispositivos|sesiones)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);
/** Who is signed off from these stays signed in: in German it is the same word. */
const NEWSLETTERS =
  /newsletter|mailing|subscri|abonn|suscri|bolet[ií]n|rundbrief|verteiler|benachrichtig|notification/i;
/** A text that says the one and neither of the others, wherever in it. */
export const OWN_SIGN_OUT: RegExp = new RegExp(
  `^(?!.*(?:${OTHER_SESSIONS.source}|${NEWSLETTERS.source})).*(?:${SIGN_OUT.source})`,
  'is',
);
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

/**
 * A form is taken before a link: a link that signs out is a weakness of its own, and often not the only way. What would end
 * more than the own session is left alone, also where there is nothing else.
 */
export function signOutControlOf(page: Page): SignOutControl | undefined {
  const form = page.forms.find(({ text, id, action, fields }) => {
    const words = `${text} ${id} ${action.pathname.replaceAll('/', ' ')}`;
    return OWN_SIGN_OUT.test(words) && !fields.some(({ type }) => type === 'password');
  });
  if (form) return { form };
  const link = page.links.find((it) => OWN_SIGN_OUT.test(wordsOf(it)));
  return link && { link };
}

/** Whether it ends a session, be it others' as well. */
export function saysSignOut(words: string): boolean {
  return SIGN_OUT.test(words) && !NEWSLETTERS.test(words);
}

/** Whether it ends what is not the session of who follows it, as far as its address says. */
export function saysOthers(address: string): boolean {
  const words = address.replaceAll('/', ' ');
  return OTHER_SESSIONS.test(words) || NEWSLETTERS.test(words);
}

function wordsOf({ target, text }: Link): string {
  return `${text} ${target.pathname.replaceAll('/', ' ')}`;
}

/** Links that are safe to follow when looking for pages: nothing that ends, removes or changes. */
export function isHarmless(link: Link): boolean {
  const words = `${wordsOf(link)} ${link.target.search}`;
  return (
    !SIGN_OUT.test(words) &&
    !/delet|remov|cancel|revoke|unsubscrib|reset|destroy|\bend\b|disable|cerrar/i.test(words)
  );
}
