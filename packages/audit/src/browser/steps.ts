/** Plays the steps of a recipe that need a page: types into fields, and presses what has these words on it. */
import type { Locator, Page } from 'playwright-core';
import { AuditError } from '../errors.ts';
import type { Answer } from '../http/message.ts';
import type { Act } from '../recipe/recipe.ts';
import type { Visitor } from '../site/visitor.ts';
import type { Tabs } from './tabs.ts';
import { QUIET_WITHIN } from './traffic.ts';

export interface BrowserSteps {
  /** Every answer, those to the page itself included. */
  play(visitor: Visitor, address: URL, acts: readonly Act[]): Promise<Answer[]>;
}

export function createBrowserSteps(tabs: Tabs): BrowserSteps {
  return {
    play(visitor, address, acts) {
      return tabs.open(visitor, async ({ page, traffic }) => {
        await page.goto(address.href, { waitUntil: 'domcontentloaded', timeout: QUIET_WITHIN });
        for (const act of acts) {
          await traffic.quiet(page);
          await perform(page, act);
        }
        await traffic.quiet(page);
        return traffic.answers();
      });
    },
  };
}

async function perform(page: Page, { fill = {}, press }: Act): Promise<void> {
  let last: Locator | undefined;
  for (const [name, value] of Object.entries(fill)) {
    last = await there(fieldOf(page, name), `a field “${name}”`);
    await last.fill(value);
  }
  if (press !== undefined) await (await there(controlOf(page, press), `“${press}” to press`)).click();
  else await last?.press('Enter');
}

/** By its name, its id, or what stands at it. */
function fieldOf(page: Page, name: string): Locator {
  const text = JSON.stringify(name);
  return page
    .locator(`[name=${text}], [id=${text}]`)
    .or(page.getByLabel(name, { exact: true }))
    .or(page.getByPlaceholder(name, { exact: true }));
}

function controlOf(page: Page, text: string): Locator {
  const named = { name: text, exact: true };
  return page
    .getByRole('button', named)
    .or(page.getByRole('link', named))
    .or(page.getByRole('menuitem', named))
    .or(page.getByText(text, { exact: true }));
}

async function there(locator: Locator, what: string): Promise<Locator> {
  const first = locator.locator('visible=true').first();
  try {
    await first.waitFor({ timeout: QUIET_WITHIN });
  } catch {
    throw new AuditError('recipe', `the recipe: ${locator.page().url()} shows no ${what}`);
  }
  return first;
}
