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

export async function atTheApp(page: Page): Promise<void> {
  page.on('dialog', (dialog) => void dialog.accept());
  await page.locator('[name=mail]').fill(USER);
  await page.locator('[name=pass]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
}

/** Where the name is asked for first. */
export async function atTheProof(page: Page): Promise<void> {
  await page.getByLabel('Your name').fill(USER);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.locator('[name=secret]').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Menu' }).click();
  await page.getByRole('link', { name: 'Leave us' }).click();
  await page.getByLabel('Your name').waitFor();
}

/** At a site made with Django. */
export async function atTheNotes(page: Page): Promise<void> {
  await page.goto(new URL('/login/', page.url()).href);
  await page.locator('[name=username]').fill(USER);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const out = page.getByRole('button', { name: 'Sign out' });
  await out.click();
  await out.waitFor({ state: 'detached' });
}

/** At the reference application. */
export async function atTheDemo(page: Page): Promise<void> {
  const link = page.getByRole('link', { name: /sign in|log in/i });
  if ((await link.count()) > 0) await link.first().click();
  await page.locator('input[type=password]').waitFor();
  await page.locator('input[autocomplete=username], input[name=name], input[type=text]').first().fill(USER);
  await page.locator('input[type=password]').fill(PASSWORD);
  await page.locator('input[type=password]').press('Enter');
  const out = page.getByRole('button', { name: /^(?:sign|log) out$/i }).first();
  await out.click();
  await page.waitForLoadState();
}
