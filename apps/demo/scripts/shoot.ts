/** Photographs the pages of the demo, light and dark, on a desk and on a phone. */
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { manualClock } from 'holdfast/testing';
import type { FlawName } from '../src/flaws/index.ts';
import { startDemo } from '../test/support/demo.ts';
import { inEveryLook } from '../test/support/looks.ts';
import { tour } from '../test/support/tour.ts';

const MINE =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

/** Two say what there is to see, and leave room for the page. */
const SWITCHED_OFF: readonly FlawName[] = ['logout', 'csrf'];

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
  const clock = manualClock(Date.UTC(2026, 5, 12, 9, 41));
  const context = await browser.newContext({ userAgent: MINE });
  const page = await context.newPage();
  await page.clock.install({ time: clock.now() });
  // Nothing moves while a picture is taken.
  await page.clock.pauseAt(clock.now() + 1_000);
  const stop = async (name: string): Promise<void> => {
    if (!wanted || wanted.includes(name)) files.push(...(await shoot(page, folder, name)));
  };
  const flawed = await startDemo({ clock, without: SWITCHED_OFF });
  await page.goto(flawed.origin);
  await stop('switches');
  await flawed.close();
  const demo = await startDemo({ hasDemoAccount: true, clock });
  await tour(demo, page, stop);
  await context.close();
  await demo.close();
  return files;
}

async function shoot(page: Page, folder: string, name: string): Promise<string[]> {
  const files: string[] = [];
  await inEveryLook(page, async (look) => {
    const path = join(folder, `demo-${name}-${look}.png`);
    // A dialog lies over what the screen shows, not over the whole page.
    await page.screenshot({ path, fullPage: !name.startsWith('countdown') });
    files.push(path);
  });
  return files;
}
