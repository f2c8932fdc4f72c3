/** Photographs the pages of the lab after a run, light and dark, on a desk and on a phone. */
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { EXPERIMENTS } from '../src/lab/experiments/index.ts';
import { startDemo } from '../test/support/demo.ts';

const SCHEMES = ['light', 'dark'] as const;

const SCREENS: Readonly<Record<string, BrowserContextOptions>> = {
  desktop: { viewport: { width: 1200, height: 800 } },
  phone: { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 2 },
};

/**
 * @param wanted ids of experiments, or `index`; all when left out
 * @returns the files written, `<folder>/lab-<id>-<scheme>-<screen>.png`
 */
export async function shootLab(
  browser: Browser,
  folder: string,
  wanted?: readonly string[],
): Promise<string[]> {
  const files: string[] = [];
  const demo = await startDemo();
  for (const colorScheme of SCHEMES) {
    for (const [screen, options] of Object.entries(SCREENS)) {
      const context = await browser.newContext({ ...options, colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      for (const id of ['index', ...EXPERIMENTS.map((experiment) => experiment.id)]) {
        if (wanted && !wanted.includes(id)) continue;
        await page.goto(`${demo.origin}/lab${id === 'index' ? '' : `/${id}`}`);
        if (id !== 'index') {
          await page.getByRole('button', { name: 'Run the attack' }).click();
          await page.locator('[data-verdict="fell"]').waitFor();
        }
        const path = join(folder, `lab-${id}-${colorScheme}-${screen}.png`);
        await page.screenshot({ path, fullPage: true });
        files.push(path);
      }
      await context.close();
    }
  }
  await demo.close();
  return files;
}
