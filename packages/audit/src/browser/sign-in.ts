/** Signs in where the page needs script: finds the form that it makes, and fills it in. */
import type { Page } from 'playwright-core';
import { AuditError } from '../errors.ts';
import type { Answer } from '../http/message.ts';
import type { Account } from '../site/account.ts';
import { USUAL_SIGN_IN_PATHS } from '../site/find-form.ts';
import type { Site } from '../site/site.ts';
import type { Visitor } from '../site/visitor.ts';
import type { Tabs } from './tabs.ts';
import { QUIET_WITHIN, type Traffic } from './traffic.ts';

export interface BrowserSignIn {
  /** Every answer that the page has had; the last one is to who is signed in. */
  signIn(visitor: Visitor, account: Account): Promise<Answer[]>;
  /** Opens the page with the form, and leaves it at that. */
  open(visitor: Visitor): Promise<void>;
  /** Where the form stands, once it was found. */
  readonly page: URL | undefined;
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

export function createBrowserSignIn(site: Site, tabs: Tabs): BrowserSignIn {
  let found: URL | undefined;

  async function atForm(visitor: Visitor, use: (page: Page) => Promise<void>): Promise<Answer[]> {
    return tabs.open(visitor, async ({ page, traffic }) => {
      found = await openForm(page, found ? [found] : placesOf(site), traffic);
      await use(page);
      await traffic.quiet(page);
      return traffic.answers();
    });
  }

  return {
    signIn: (visitor, account) => atForm(visitor, (page) => fill(page, account)),
    async open(visitor) {
      await atForm(visitor, () => Promise.resolve());
    },
    get page() {
      return found;
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
