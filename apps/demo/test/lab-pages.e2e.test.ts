/** The lab in a browser: with script and without, and for those who do not see it. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { EXPERIMENTS } from '../src/lab/experiments/index.ts';
import { launchChromium } from './support/chromium.ts';
import { PASSWORD } from './support/client.ts';
import { type Demo, startDemo } from './support/demo.ts';
import { findings } from './support/looks.ts';

const SLOW = 180_000;

let browser: Browser;
let demo: Demo;
let context: BrowserContext;
/** What the browser complained about: a policy that was violated, a file that was missing. */
const complaints: string[] = [];
beforeAll(async () => {
  browser = await launchChromium();
  demo = await startDemo();
}, SLOW);
afterEach(() => context.close());
afterAll(async () => {
  await browser.close();
  await demo.close();
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  context = await browser.newContext({ reducedMotion: 'reduce', ...options });
  const page = await context.newPage();
  page.on('console', (message) => {
    if (/Content Security Policy|404|Error/.test(message.text())) complaints.push(message.text());
  });
  await page.goto(`${demo.origin}${path}`);
  return page;
}

describe('the lab', { timeout: SLOW }, () => {
  it('leads to every experiment, and from each to the next', async () => {
    const page = await open('/');
    await page.getByRole('link', { name: 'Lab' }).click();
    await page.getByRole('heading', { name: 'The lab', level: 1 }).waitFor();
    expect(await findings(page)).toEqual([]);
    const [first] = EXPERIMENTS;
    await page.getByRole('link', { name: first?.title ?? '' }).click();
    for (const { title } of EXPERIMENTS.slice(1)) {
      await page.getByRole('link', { name: `Next: ${title}` }).click();
      await page.getByRole('heading', { name: title, level: 1 }).waitFor();
    }
  });

  it.each(
    EXPERIMENTS,
  )('$id runs in the page, says how it ended, and moves the focus there', async (experiment) => {
    const page = await open(`/lab/${experiment.id}`);
    expect(await findings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Run the attack' }).click();
    await page.locator('[data-verdict="fell"]').waitFor();
    expect(page.url()).toBe(`${demo.origin}/lab/${experiment.id}`);
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('id')).toBe('result');
    const describedBy = await focused.getAttribute('aria-describedby');
    const said = await page.locator(`#${describedBy}`).textContent();
    expect(said).toContain(`Holdfast: Held: ${experiment.verdicts.held}`);
    expect(said).toContain(`Naive cookie session: Fell: ${experiment.verdicts.fell}`);
    expect(await page.getByRole('img', { name: `Holdfast: ${experiment.title}` }).count()).toBe(1);
    await page.getByRole('button', { name: 'Run it again' }).waitFor();
    // Opened, so that what is inside is looked at too.
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await findings(page)).toEqual([]);
  });

  it.each(EXPERIMENTS)('$id runs without script, on a phone in the dark', async ({ id, verdicts }) => {
    const page = await open(`/lab/${id}`, {
      javaScriptEnabled: false,
      colorScheme: 'dark',
      viewport: { width: 390, height: 844 },
    });
    await page.getByRole('button', { name: 'Run the attack' }).click();
    await page.getByRole('heading', { name: `Held: ${verdicts.held}` }).waitFor();
    await page.getByRole('heading', { name: `Fell: ${verdicts.fell}` }).waitFor();
    await page.getByText('The same in words').first().click();
    await page.getByText('The defence held.').first().waitFor();
  });

  it('works from the keyboard alone', async () => {
    const page = await open('/lab/stolen-cookie');
    await page.getByRole('button', { name: 'Run the attack' }).focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-verdict="fell"]').waitFor();
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('The same in words');
    await page.keyboard.press('Enter');
    expect(await page.locator('.in-words').first().isVisible()).toBe(true);
  });

  it('tells when it is too busy, and stays as it was', async () => {
    const page = await open('/lab/stolen-cookie');
    await page.route('**/lab/stolen-cookie', (route) =>
      route.fulfill({
        status: 429,
        contentType: 'text/html',
        body: '<main><p>Others are waiting.</p></main>',
      }),
    );
    await page.getByRole('button', { name: 'Run the attack' }).click();
    await page.getByRole('status').filter({ hasText: 'Others are waiting.' }).waitFor();
    expect(await page.locator('.lab-empty').isVisible()).toBe(true);
    expect(await findings(page)).toEqual([]);
  });

  it('a script sees nothing of a session, and what it would see without HttpOnly (ASVS-3.3.4)', async () => {
    const page = await open('/sign-up');
    await page.getByLabel('Username').fill('Grace');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
    await page.goto(`${demo.origin}/lab/reading-script`);
    expect(await page.locator('[data-lab-cookies-own]').textContent()).toBe('(nothing)');
    expect(await page.locator('[data-lab-cookies-naive]').textContent()).toBe(
      'lab-without-httponly=harmless',
    );
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(await findings(page)).toEqual([]);
  });

  it.each([
    'localhost',
    '127.0.0.1',
  ])('a real form on a real other origin is refused, for %s (CSRF-5)', async (host) => {
    const page = await open('/lab');
    const origin = demo.origin.replace('localhost', host);
    await page.goto(`${origin}/lab/cross-site`);
    await page.getByRole('link', { name: 'Open the other site' }).click();
    await page.getByRole('heading', { name: 'You have won a prize!' }).waitFor();
    expect(new URL(page.url()).port).not.toBe(new URL(origin).port);
    expect(await findings(page)).toEqual([]);
    const answered = page.waitForResponse(`${origin}/lab/cross-site/prize`);
    await page.getByRole('button', { name: 'Collect the prize' }).click();
    expect((await answered).status()).toBe(403);
    await page.getByText('This request came from another site').waitFor();
  });

  it('answers with a page, too, when its session can not be reached', async () => {
    const page = await open('/sign-up');
    await page.getByLabel('Username').fill('Linus');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Create account' }).click();
    await page.getByRole('heading', { name: 'Hello, Linus' }).waitFor();
    vi.spyOn(demo.storage.store, 'read').mockRejectedValue(new Error('The store is down.'));
    await page.goto(`${demo.origin}/lab`);
    await page.getByRole('heading', { name: 'Your session can not be reached right now' }).waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it('was used without a complaint from the browser', async () => {
    await open('/lab');
    expect(complaints).toEqual([]);
  });
});
