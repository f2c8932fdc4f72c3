/** Signs out where the page needs script: finds what a person would press, and presses it. */
import type { Locator, Page } from 'playwright-core';
import type { Answer } from '../http/message.ts';
import { EVERYWHERE, SIGN_OUT } from '../site/find-form.ts';
import type { Visitor } from '../site/visitor.ts';
import type { Tabs } from './tabs.ts';
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
          found = place;
          const before = traffic.count;
          await control.click({ timeout: QUIET_WITHIN });
          await traffic.quiet(page);
          // A box of the page's own may ask whether one really wants to.
          const isAsked = traffic.count === before;
          if (isAsked) await confirm(page);
          await traffic.quiet(page);
          return traffic.since(before);
        }
        return undefined;
      });
    },
  };
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

async function controlIn(scope: Locator): Promise<Locator | undefined> {
  const named = { name: SIGN_OUT };
  const controls = scope
    .getByRole('button', named)
    .or(scope.getByRole('link', named))
    .or(scope.getByRole('menuitem', named))
    .locator('visible=true');
  const one = controls.filter({ hasNotText: EVERYWHERE });
  for (const it of [one, controls]) if ((await it.count()) > 0) return it.first();
  return undefined;
}
