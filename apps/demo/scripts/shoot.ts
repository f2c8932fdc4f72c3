/** Photographs the pages of the demo, light and dark, on a desk and on a phone. */
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { manualClock } from 'holdfast/testing';
import { DEMO_PASSWORD, DEMO_USERNAME } from '../src/demo-account.ts';
import { type Demo, startDemo } from '../test/support/demo.ts';

const SCHEMES = ['light', 'dark'] as const;

const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: { viewport: { width: 1200, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true },
};

/** Other devices of the same user, so that there is something to see. */
const OTHERS: readonly string[] = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:152.0) Gecko/20100101 Firefox/152.0',
  'curl/8.14.1',
];

const MINE =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

/**
 * @param wanted the names of the pages; all when left out
 * @returns the files written, `<folder>/demo-<page>-<scheme>-<screen>.png`
 */
export async function shootDemo(
  browser: Browser,
  folder: string,
  wanted?: readonly string[],
): Promise<string[]> {
  const pictures = SCHEMES.flatMap((scheme) =>
    Object.entries(SCREENS).map(([screen, options]) => {
      const pathOf = (name: string): string => join(folder, `demo-${name}-${scheme}-${screen}.png`);
      return shootAll(browser, { ...options, colorScheme: scheme, userAgent: MINE }, pathOf, wanted);
    }),
  );
  return (await Promise.all(pictures)).flat();
}

/** Every page, on one kind of screen. */
async function shootAll(
  browser: Browser,
  options: BrowserContextOptions,
  pathOf: (name: string) => string,
  wanted: readonly string[] | undefined,
): Promise<string[]> {
  const files: string[] = [];
  const clock = manualClock(Date.UTC(2026, 5, 12, 9, 41));
  const demo = await startDemo({ hasDemoAccount: true, clock });
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.clock.install({ time: clock.now() });
  // Nothing moves while a picture is taken.
  await page.clock.pauseAt(clock.now() + 1_000);
  await walk(demo, page, async (name) => {
    if (wanted && !wanted.includes(name)) return;
    const path = pathOf(name);
    // A dialog lies over what the screen shows, not over the whole page.
    await page.screenshot({ path, fullPage: name !== 'countdown' });
    files.push(path);
  });
  await context.close();
  await demo.close();
  return files;
}

async function walk(demo: Demo, page: Page, shoot: (name: string) => Promise<void>): Promise<void> {
  await page.goto(demo.origin);
  await shoot('welcome');
  await page.goto(`${demo.origin}/sign-up`);
  await page.getByLabel('Username').fill(DEMO_USERNAME);
  await page.getByLabel('Password').fill('something else');
  await page.getByRole('button', { name: 'Create account' }).click();
  await shoot('sign-up');
  await page.goto(`${demo.origin}/sign-in`);
  await shoot('sign-in');
  for (const userAgent of OTHERS) {
    await demo.client(userAgent).signIn(DEMO_USERNAME, DEMO_PASSWORD);
    demo.clock.advance('4m');
  }
  await page.getByLabel('Username').fill(DEMO_USERNAME);
  await page.getByLabel('Password').fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${demo.origin}/`);
  demo.clock.advance('12m');
  await page.reload();
  await page.reload();
  await shoot('home');
  await page.goto(`${demo.origin}/sessions`);
  await shoot('sessions');
  await page.goto(`${demo.origin}/account`);
  await page.getByLabel('New address').fill('ada.lovelace@example.com');
  await shoot('account');
  await page.getByRole('button', { name: 'Change e-mail address' }).click();
  await page.waitForURL(/\/confirm/);
  await shoot('step-up');
  await page.getByLabel('Password').fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL(/\/account/);
  await page.goto(demo.origin);
  demo.clock.advance('29m');
  await page.reload();
  demo.clock.advance('29m');
  await page.clock.runFor(30_000);
  await page.getByRole('alertdialog').waitFor();
  await shoot('countdown');
}
