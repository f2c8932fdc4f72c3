/** Signs out where the page needs script: finds what a person would press, and presses it. */
import type { Locator, Page } from 'playwright-core';
import type { Answer } from '../http/message.ts';
import { OWN_SIGN_OUT, saysOthers } from '../site/find-form.ts';
import type { Visitor } from '../site/visitor.ts';
import { storageOf, type Tab, type Tabs } from './tabs.ts';
import { QUIET_WITHIN, type Traffic } from './traffic.ts';

export interface BrowserSignOut {
  /** What was sent after the button was pressed; `undefined` where no page has one. */
  signOut(visitor: Visitor, pages: readonly URL[]): Promise<Answer[] | undefined>;
}

const MAX_PAGES = 3;
const MAX_MENUS = 3;

export function createBrowserSignOut(tabs: Tabs): BrowserSignOut {
  let found: URL | undefined;
  return {
    signOut(visitor, pages) {
      const places = found ? [found] : pages.slice(0, MAX_PAGES);
      return tabs.open(visitor, async ({ page, traffic }) => {
        for (const place of places) {
          await page.goto(place.href, { waitUntil: 'domcontentloaded', timeout: QUIET_WITHIN });
          await traffic.quiet(page);
          const control = (await controlIn(page.locator('body'))) ?? (await controlInMenus(page, traffic));
          if (!control) continue;
          const answers = await press(control, { page, traffic });
          if (!answers) continue;
          found = place;
          return answers;
        }
        return undefined;
      });
    },
  };
}

/** @returns `undefined` where nothing came of it: nothing was sent, and what scripts keep is as it was */
async function press(control: Locator, { page, traffic }: Tab): Promise<Answer[] | undefined> {
  const kept = await keptBy(page);
  const before = traffic.count;
  await control.click({ timeout: QUIET_WITHIN });
  await traffic.quiet(page);
  // A box of the page's own may ask whether one really wants to.
  const isAsked = traffic.count === before;
  if (isAsked) await confirm(page);
  await traffic.quiet(page);
  const answers = traffic.since(before);
  return answers.length > 0 || (await keptBy(page)) !== kept ? answers : undefined;
}

async function keptBy(page: Page): Promise<string> {
  return JSON.stringify([await storageOf(page), await page.context().cookies()]);
}

/** Opening a menu changes nothing, and some pages keep the button there. */
async function controlInMenus(page: Page, traffic: Traffic): Promise<Locator | undefined> {
  const menus = page.locator('[aria-haspopup=menu], [aria-haspopup=true], summary').locator('visible=true');
  const count = Math.min(await menus.count(), MAX_MENUS);
  for (let index = 0; index < count; index++) {
    await menus.nth(index).click({ timeout: QUIET_WITHIN });
    await traffic.quiet(page);
    const control = await controlIn(page.locator('body'));
    if (control) return control;
    await page.keyboard.press('Escape');
  }
  return undefined;
}

async function confirm(page: Page): Promise<void> {
  const box = page.locator('dialog, [role=dialog], [role=alertdialog]').locator('visible=true').first();
  const control = (await box.count()) > 0 ? await controlIn(box) : undefined;
  await control?.click({ timeout: QUIET_WITHIN });
}

/** What is read of an element in the page. */
interface Pressable {
  getAttribute(name: string): string | null;
  closest(selector: string): Pressable | null;
}

async function controlIn(scope: Locator): Promise<Locator | undefined> {
  const named = { name: OWN_SIGN_OUT };
  const controls = scope
    .getByRole('button', named)
    .or(scope.getByRole('link', named))
    .or(scope.getByRole('menuitem', named))
    .locator('visible=true');
  const addresses = await controls.evaluateAll((all: Pressable[]) =>
    all.map((it) => `${it.getAttribute('href')} ${it.closest('form')?.getAttribute('action')}`),
  );
  const index = addresses.findIndex((it) => !saysOthers(it));
  return index === -1 ? undefined : controls.nth(index);
}
