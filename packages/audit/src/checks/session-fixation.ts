import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import type { CheckContext } from '../engine/context.ts';
import { createJar, type StoredCookie } from '../cookies/jar.ts';
import { lookalike } from '../engine/lookalike.ts';
import { playSteps } from '../recipe/play.ts';
import { cookieHolding } from '../site/holding.ts';

export const check: Check = {
  id: 'session-fixation',
  title: 'Who plants a cookie before the sign-in is signed in after it',
  severity: 'high',
  requirements: ['ASVS-7.2.4', 'NIST-5.1-1', 'RFC6265bis-8.4', 'SM-14', 'SM-16', 'WSTG-SESS-03', 'CWE-384'],
  needs: 'account',
  about: {
    what: 'Whether an attacker who puts a cookie of their own into the browser of somebody else shares the session once that person signs in.',
    why: 'A cookie can be planted: from another host of the domain, over plain HTTP, on a shared machine. If the site goes on with the same identifier after the sign-in, the attacker, who knows it, is signed in as well, without a password.',
    decides:
      'As the attacker would: a stranger visits the site and keeps what it sets, or makes up an identifier. A victim whose browser has just that signs in. Then the stranger opens a page for signed-in users with the old cookies and nothing else. Only a page that opens is a finding: an identifier that stays the same and opens nothing is none.',
    fix: 'Give out a new identifier at every sign-in and end the old one: `req.session.regenerate()` in Express, `request.session.cycle_key()` in Django (its `login()` does so), `session_regenerate_id(true)` together with `session.use_strict_mode=1` in PHP, `changeSessionId()` in Java servlets.',
  },
  async run(context) {
    const findings: Finding[] = [];
    const seen = await visitAnonymously(context);
    if (seen.length > 0) {
      if (await sharesSession(context, seen, 'with the cookies of a stranger')) {
        const names = [...new Set(seen.map(({ name }) => name))].join(', ');
        findings.push({
          subject: 'cookies from before the sign-in',
          summary: `The cookies that the site sets before the sign-in (${names}) are enough to be signed in after it.`,
        });
      }
    } else context.note('The site sets no cookie before the sign-in: there is none to freeze.');

    const issued = context.signedIn.observed.proof.flatMap((it) => (it.kind === 'cookie' ? [it.cookie] : []));
    if (seen.length === 0 && issued.length === 0) {
      return inconclusive(
        'not_applicable',
        'no cookie is set before the sign-in, and none proves who one is after it',
      );
    }
    if (issued.length > 0) {
      const made = issued.map((cookie) => ({ ...cookie, value: lookalike(cookie.value) }));
      if (await sharesSession(context, made, 'with a cookie that an attacker made up')) {
        const names = made.map(({ name }) => name).join(', ');
        findings.push({
          subject: 'made-up identifiers',
          summary: `An identifier that was made up (${names}) is taken over, and is enough to be signed in after the sign-in.`,
        });
      }
    }
    return foundOr(findings, 'Cookies from before the sign-in, and made-up ones, opened nothing after it.');
  },
};

/** What a stranger gets: from the start page, the page with the form, and what the recipe says. */
async function visitAnonymously(context: CheckContext): Promise<StoredCookie[]> {
  const { site, recipe, signedIn } = context;
  const stranger = site.visitor('the attacker, never signed in');
  return context.step(
    'The attacker visits the site, without signing in, and keeps the cookies.',
    async () => {
      await stranger.open(site.target);
      await signedIn.gate.openSignIn(stranger);
      if (recipe.beforeSignIn) await playSteps(site, stranger, recipe.beforeSignIn, {});
      return [...stranger.jar.cookies];
    },
  );
}

async function sharesSession(
  context: CheckContext,
  planted: readonly StoredCookie[],
  whose: string,
): Promise<boolean> {
  const holdings = planted.map(cookieHolding);
  for (const { name, value } of planted) context.site.mask.hide(value, name);
  await context.step('Before anybody signs in, these cookies open nothing.', async () => {
    const before = await context.judge(holdings, 'the attacker');
    context.control(
      'negative',
      `the planted cookies are worth nothing before the sign-in (${before})`,
      before === 'out',
    );
  });
  const victim = context.site.visitor(`the victim, ${whose}`, createJar(planted));
  await context.step(`The victim, ${whose} in the browser, signs in.`, async () => {
    await context.signIn('the victim', victim);
    const after = await context.judgeVisitor(victim);
    context.control('positive', `the victim is signed in (${after})`, after === 'in');
  });
  return context.step(
    'The attacker opens a page for signed-in users, with the old cookies and nothing else.',
    async () => {
      const verdict = await context.judge(holdings, 'the attacker');
      context.control(
        'positive',
        `the answer to the attacker can be told (${verdict})`,
        verdict !== 'unclear',
      );
      return verdict === 'in';
    },
  );
}
