/**
 * Signs in where the page needs script. Chromium runs the page; every request that it makes is sent by the visitor, so that
 * the hosts, the budget, the transcript and the jar are those of the audit, and Chromium itself reaches nothing.
 */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { AuditError, isAuditError } from '../errors.ts';
import type { Answer } from '../http/message.ts';
import type { Account } from '../site/account.ts';
import { USUAL_SIGN_IN_PATHS } from '../site/find-form.ts';
import type { Site } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';
import { launchChromium } from './chromium.ts';
import { QUIET_WITHIN, Traffic } from './traffic.ts';

export interface BrowserSignIn {
  /** Every answer that the page has had; the last one is to who is signed in. */
  signIn(visitor: Visitor, account: Account): Promise<Answer[]>;
  /** Opens the page with the form, and leaves it at that. */
  open(visitor: Visitor): Promise<void>;
  /** Where the form stands, once it was found. */
  readonly page: URL | undefined;
  close(): Promise<void>;
}

const PASSWORD = 'input[type=password]:visible';
/** What a person would type a name into; what the page says itself comes first. */
const USERNAME = [
  'input[autocomplete~=username]:visible',
  'input[type=email]:visible',
  // A type that browsers do not know, as in type=username, is a text.
  `input:visible${[
    'password',
    'hidden',
    'checkbox',
    'radio',
    'submit',
    'button',
    'reset',
    'image',
    'file',
    'search',
    'range',
    'color',
  ]
    .map((type) => `:not([type=${type}])`)
    .join('')}`,
];

export function createBrowserSignIn(site: Site): BrowserSignIn {
  let browser: Promise<Browser> | undefined;
  let found: URL | undefined;

  async function withForm(visitor: Visitor, use: (page: Page) => Promise<void>): Promise<Traffic> {
    browser ??= launchChromium();
    const context = await (await browser).newContext({
      userAgent: site.userAgent,
      serviceWorkers: 'block',
      ignoreHTTPSErrors: true,
    });
    const traffic = new Traffic(site, visitor);
    try {
      await context.route('**/*', (route) => traffic.answer(route));
      const page = await context.newPage();
      found = await openForm(page, found ? [found] : placesOf(site), traffic);
      await use(page);
      await traffic.quiet(page);
      await takeCookies(context, visitor, site);
      return traffic;
    } catch (error) {
      throw isAuditError(error)
        ? error
        : new AuditError('sign_in_failed', `in Chromium: ${(error as Error).message.split('\n')[0]}`);
    } finally {
      await context.close();
    }
  }

  return {
    async signIn(visitor, account) {
      const traffic = await withForm(visitor, (page) => fill(page, account));
      if (traffic.bearer !== undefined) visitor.bearer = traffic.bearer;
      return traffic.answers();
    },
    async open(visitor) {
      await withForm(visitor, () => Promise.resolve());
    },
    get page() {
      return found;
    },
    async close() {
      await (await browser?.catch(() => undefined))?.close();
    },
  };
}

function placesOf({ target }: Site): URL[] {
  return [target, ...USUAL_SIGN_IN_PATHS.slice(0, 4).map((path) => new URL(path, target))];
}

async function openForm(page: Page, places: readonly URL[], traffic: Traffic): Promise<URL> {
  for (const place of places) {
    await page.goto(place.href, { waitUntil: 'domcontentloaded', timeout: QUIET_WITHIN });
    const password = page.locator(PASSWORD).first();
    const appears = password.waitFor({ timeout: QUIET_WITHIN }).catch(() => undefined);
    await Promise.race([appears, traffic.quiet(page)]);
    const isThere = await password.isVisible();
    if (isThere) return place;
  }
  throw new AuditError(
    'sign_in_failed',
    'no page shows a field for a password, not even with script: write a recipe that says how to sign in',
  );
}

async function fill(page: Page, { user, password }: Account): Promise<void> {
  const secret = page.locator(PASSWORD).first();
  // Another form of the page, for a search, may come first.
  const form = page.locator('form').filter({ has: page.locator(PASSWORD) });
  const scope = (await form.count()) > 0 ? form.first() : page.locator('body');
  for (const selector of USERNAME) {
    const name = scope.locator(selector).first();
    if ((await name.count()) === 0) continue;
    await name.fill(user);
    break;
  }
  await secret.fill(password);
  await secret.press('Enter');
}

/** What script has put into cookies never came in an answer. */
async function takeCookies(context: BrowserContext, visitor: Visitor, { target }: Site): Promise<void> {
  for (const cookie of await context.cookies(target.href)) {
    if (visitor.jar.cookies.some(({ name }) => name === cookie.name)) continue;
    visitor.jar.plant({
      name: cookie.name,
      value: cookie.value,
      domain: cookie.domain.replace(/^\./, ''),
      hostOnly: !cookie.domain.startsWith('.'),
      path: cookie.path,
      secure: cookie.secure,
      httpOnly: cookie.httpOnly,
      ...(cookie.expires > 0 && { expiresAt: cookie.expires * 1_000 }),
    });
  }
}
