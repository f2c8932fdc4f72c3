/** Photographs the pages of the lab after a run, light and dark, on a desk and on a phone. */
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { EXPERIMENTS } from '../src/lab/experiments/index.ts';
import { startDemo } from '../test/support/demo.ts';
import { inEveryLook } from '../test/support/looks.ts';

/**
 * @param wanted names of pictures, `lab-<id>-<scheme>-<screen>`, where the id is one of an experiment or `index`; all when left out
 * @returns the files written
 */
export async function shootLab(
  browser: Browser,
  folder: string,
  wanted?: readonly string[],
): Promise<string[]> {
  const files: string[] = [];
  const demo = await startDemo();
  const page = await browser.newPage();
  for (const id of ['index', ...EXPERIMENTS.map((experiment) => experiment.id)]) {
    if (wanted && !wanted.some((name) => name.startsWith(`lab-${id}-`))) continue;
    await page.goto(`${demo.origin}/lab${id === 'index' ? '' : `/${id}`}`);
    if (id !== 'index') {
      await page.getByRole('button', { name: 'Run the attack' }).click();
      await page.locator('[data-verdict="fell"]').waitFor();
    }
    await inEveryLook(page, async (look) => {
      const name = `lab-${id}-${look}`;
      if (wanted && !wanted.includes(name)) return;
      const path = join(folder, `${name}.png`);
      await page.screenshot({ path, fullPage: true });
      files.push(path);
    });
  }
  await page.close();
  await demo.close();
  return files;
}
