/** Who sits in front of the browser while it is recorded. */
import type { Page } from 'playwright-core';
import { PASSWORD, USER } from '../gallery/exhibit.ts';

/** At the hand-made site. */
export async function atTheShop(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Log in' }).click();
  await page.locator('input[name=login]').fill(USER);
  await page.locator('input[name=pass]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Hello, ada').waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.getByRole('heading', { name: 'A shop' }).waitFor();
}
