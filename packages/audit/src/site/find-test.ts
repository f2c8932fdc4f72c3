/** Finds out how to tell that one is signed in, and shows that a failed sign-in is told from a good one. */
import { AuditError } from '../errors.ts';
import type { Answer } from '../http/message.ts';
import { address } from '../recipe/play.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { Account, Gate } from './account.ts';
import { isHarmless } from './find-form.ts';
import { type Derived, deriveTest, type SignedInTest, statedTest } from './signed-in-test.ts';
import type { Site } from './site.ts';
import { pageOf, type Visitor } from './visitor.ts';

const USUAL_PAGES = ['/account', '/profile', '/dashboard', '/me', '/api/me', '/home', '/settings'];
const MAX_LINKS = 6;
/** From here on, the two are told apart by more than words. */
const STRONG = 101;

export interface Entrance {
  readonly test: SignedInTest;
  /** Where the sign-in led to. */
  readonly landing: URL;
  /** Signed in by now: for who does not need a fresh one. */
  readonly visitor: Visitor;
}

/** @param likely pages that are looked at before others; @throws AuditError `sign_in_failed` where nothing tells who is signed in from who is not. */
export async function findEntrance(
  site: Site,
  gate: Gate,
  recipe: Recipe,
  account: Account,
  likely: readonly URL[] = [],
): Promise<Entrance> {
  const first = site.visitor('signed in');
  const answers = await gate.signIn(first, account);
  const landing = answers.at(-1)?.request.method === 'GET' ? answers.at(-1) : undefined;
  const landingPage = landing?.request.url ?? site.target;
  // The control: it went to the same form, and was refused.
  const refused = site.visitor('with a wrong password');
  await gate.signIn(refused, { user: `${account.user}-no-such-user`, password: 'wrong password 0' });

  const stated = recipe.signedIn;
  if (stated && (stated.shows !== undefined || stated.hides !== undefined || stated.status !== undefined)) {
    const test = statedTest(address(site, stated.page), stated);
    await control(test, first, refused, site);
    return { test, landing: landingPage, visitor: first };
  }

  const second = site.visitor('signed in');
  await gate.signIn(second, account);
  let best: Derived | undefined;
  const candidates = stated
    ? [address(site, stated.page)]
    : [...likely.filter((url) => site.client.mayReach(url)), ...pagesToTry(site, landingPage, landing)];
  for (const page of candidates) {
    const derived = await compare(page, { site, first, second, refused });
    if (derived && derived.strength > (best?.strength ?? 0)) best = derived;
    if (best && best.strength >= STRONG) break;
  }
  if (!best) {
    throw new AuditError(
      'sign_in_failed',
      'after the sign-in no page looks different from before: the password may be wrong, or the recipe has to say how to tell (signedIn)',
    );
  }
  return { test: best.test, landing: landingPage, visitor: second };
}

function pagesToTry(site: Site, landing: URL, answer: Answer | undefined): URL[] {
  const links = answer ? pageOf(answer).links : [];
  const near = links
    .filter((link) => link.target.host === site.target.host && isHarmless(link))
    .map(({ target }) => target)
    .slice(0, MAX_LINKS);
  const usual = USUAL_PAGES.map((path) => new URL(path, site.target));
  const unique = new Map(
    [landing, site.target, ...near, ...usual].map((url) => [`${url.pathname}${url.search}`, url]),
  );
  return [...unique.values()].filter((url) => site.client.mayReach(url)).map(withoutNotice);
}

/** What a page says once after a redirect, it says because of its address. */
function withoutNotice(url: URL): URL {
  const plain = new URL(url);
  plain.hash = '';
  plain.search = '';
  return plain;
}

interface Cast {
  readonly site: Site;
  readonly first: Visitor;
  readonly second: Visitor;
  readonly refused: Visitor;
}

/** Two sessions and three strangers, so that what differs between any two visits is no sign of being signed in. */
async function compare(page: URL, { site, first, second, refused }: Cast): Promise<Derived | undefined> {
  const stranger = site.visitor('anonymous');
  const anonymous = [await stranger.send('GET', page)];
  const signedIn = [await second.send('GET', page)];
  // The same answer for both: no need to look at it more closely.
  if (signedIn[0]?.body === anonymous[0]?.body && signedIn[0]?.status === anonymous[0]?.status)
    return undefined;
  signedIn.push(await second.send('GET', page), await first.send('GET', page));
  anonymous.push(await stranger.send('GET', page), await refused.send('GET', page));
  const both = deriveTest({ page, signedIn, anonymous });
  if (both) return both;
  // A site may allow one session at a time: the first ended when the second began.
  return deriveTest({ page, signedIn: signedIn.slice(0, 2), anonymous });
}

async function control(test: SignedInTest, first: Visitor, refused: Visitor, site: Site): Promise<void> {
  const good = test.judge(await first.send('GET', test.page));
  const bad = test.judge(await refused.send('GET', test.page));
  const nobody = test.judge(await site.visitor('anonymous').send('GET', test.page));
  if (good === 'in' && bad === 'out' && nobody === 'out') return;
  throw new AuditError(
    'sign_in_failed',
    `what the recipe says about being signed in does not hold: after a sign-in it is “${good}”, after a refused one “${bad}”, for a stranger “${nobody}”`,
  );
}
