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
  const files: string[] = [];
  for (const scheme of SCHEMES) {
    for (const [screen, options] of Object.entries(SCREENS)) {
      const demo = await startDemo({
        hasDemoAccount: true,
        clock: manualClock(Date.UTC(2026, 5, 12, 9, 41)),
      });
      const context = await browser.newContext({ ...options, colorScheme: scheme, userAgent: MINE });
      const page = await context.newPage();
      const shoot = async (name: string): Promise<void> => {
        if (wanted && !wanted.includes(name)) return;
        const path = join(folder, `demo-${name}-${scheme}-${screen}.png`);
        await page.screenshot({ path, fullPage: true });
        files.push(path);
      };
      await walk(demo, page, shoot);
      await context.close();
      await demo.close();
    }
  }
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
}
