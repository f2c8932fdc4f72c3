/** What the pages do in a browser: with script, without, for those who do not see them, and for two browsers at once. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchChromium } from './support/chromium.ts';
import { PASSWORD } from './support/client.ts';
import { FLAWS, type FlawName } from '../src/flaws/index.ts';
import { type Demo, startDemo } from './support/demo.ts';
import { findings } from './support/looks.ts';
import { tour } from './support/tour.ts';

const SLOW = 60_000;
const MINUTE = 60_000;

let browser: Browser;
let demo: Demo;
let contexts: BrowserContext[] = [];
beforeAll(async () => {
  browser = await launchChromium();
}, SLOW);
afterAll(() => browser.close());
beforeEach(async () => {
  demo = await startDemo({ hasDemoAccount: true });
  await demo.client().signUp('Grace');
});
afterEach(async () => {
  for (const context of contexts.splice(0)) await context.close();
  await demo.close();
});

/** A browser of Grace's; its clock stands still until it is moved. */
async function open(options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext(options);
  contexts = [...contexts, context];
  const page = await context.newPage();
  if (options.javaScriptEnabled !== false) {
    await page.clock.install({ time: demo.clock.now() });
    await page.clock.pauseAt(demo.clock.now() + 1_000);
  }
  return page;
}

async function signIn(page: Page): Promise<void> {
  await page.goto(`${demo.origin}/sign-in`);
  await page.getByLabel('Username').fill('Grace');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
}

async function signedIn(options?: BrowserContextOptions): Promise<Page> {
  const page = await open(options);
  await signIn(page);
  return page;
}

/** Both clocks, and an answer to the question that the page then asks. */
async function pass(page: Page, minutes: number): Promise<void> {
  demo.clock.advance(minutes * 60);
  const polled = page.waitForResponse(`${demo.origin}/session/state`);
  await page.clock.runFor(Math.min(minutes, 0.5) * MINUTE);
  await polled;
}

describe('the countdown', { timeout: SLOW }, () => {
  it('warns a minute before the end, takes the focus, and gives it back to who stays', async () => {
    const page = await signedIn();
    await page.getByRole('link', { name: 'Account', exact: true }).focus();
    await pass(page, 28);
    expect(await page.getByRole('alertdialog').count()).toBe(0);
    await pass(page, 1);
    const dialog = page.getByRole('alertdialog', { name: 'Are you still there?' });
    await dialog.waitFor();
    await dialog.getByText('You will be signed out in 1 minute, because nothing has happened').waitFor();
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Stay signed in');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Account');
    await page.getByText('in 30 minutes').waitFor();
  });

  it('takes Escape for somebody who is there', async () => {
    const page = await signedIn();
    await pass(page, 29);
    await page.getByRole('alertdialog').waitFor();
    const stayed = page.waitForRequest(`${demo.origin}/session/stay`);
    await page.keyboard.press('Escape');
    await stayed;
    await page.getByRole('alertdialog').waitFor({ state: 'hidden' });
    demo.clock.advance('29m');
    await page.reload();
    await page.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
  });

  it('hides what is personal when the time is up, without being asked (ASVS-7.3.1)', async () => {
    const page = await signedIn();
    await pass(page, 29);
    await page.getByRole('alertdialog').waitFor();
    await pass(page, 1);
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await page.getByText('Grace').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('You are signed out');
    expect(await page.title()).toBe('Signed out · Holdfast');
  });

  it('asks for the password where staying is not enough, and comes back (NIST-5.2)', async () => {
    const page = await signedIn();
    for (let i = 0; i < 23; i++) {
      demo.clock.advance('20m');
      await page.context().request.get(demo.origin);
    }
    demo.clock.advance('19m');
    await page.goto(`${demo.origin}/sessions`);
    const dialog = page.getByRole('alertdialog');
    await dialog.getByText('has reached its longest time').waitFor();
    await dialog.getByRole('link', { name: 'Give the password' }).click();
    await page.getByRole('heading', { name: 'Is it still you?' }).waitFor();
    // The warning stands on every page of the session; this is the page it leads to.
    expect(await page.getByRole('alertdialog').count()).toBe(0);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL(`${demo.origin}/sessions?done=confirmed`);
    expect(await page.getByRole('alertdialog').count()).toBe(0);
  });
});

describe('two browsers', { timeout: SLOW }, () => {
  it('one ends the other, whose page says so and shows nothing more (ASVS-7.5.2)', async () => {
    const [here, there] = [await signedIn(), await signedIn()];
    await there.goto(`${demo.origin}/account`);
    await here.goto(`${demo.origin}/sessions`);
    await here.getByRole('button', { name: 'End all others' }).click();
    await here.getByText('All your other sessions have ended.').waitFor();
    await pass(there, 1);
    await there.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await there.getByText('Grace').count()).toBe(0);
  });
});

describe('step-up', { timeout: SLOW }, () => {
  it.each([
    ['with script', {}],
    ['without', { javaScriptEnabled: false }],
  ])('keeps what was typed, %s, and comes back to it (ASVS-7.5.1)', async (_, options) => {
    const page = await signedIn(options);
    demo.clock.advance('6m');
    await page.goto(`${demo.origin}/account`);
    await page.getByLabel('New address').fill('grace@example.com');
    await page.getByRole('button', { name: 'Change e-mail address' }).click();
    await page.getByRole('heading', { name: 'Is it still you?' }).waitFor();
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByText('That is not your password.').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL(`${demo.origin}/account?done=confirmed`);
    expect(await page.getByLabel('New address').inputValue()).toBe('grace@example.com');
    await page.getByRole('button', { name: 'Change e-mail address' }).click();
    await page.getByText('Your e-mail address is changed.').waitFor();
    expect(demo.users.byName('Grace')?.email).toBe('grace@example.com');
  });
});

describe('without script', { timeout: SLOW }, () => {
  it('everything works, and the page says when it ends', async () => {
    const page = await signedIn({ javaScriptEnabled: false });
    await page.getByText('in 30 minutes').waitFor();
    demo.clock.advance('20m');
    await page.getByRole('button', { name: 'Stay signed in' }).click();
    demo.clock.advance('20m');
    await page.goto(`${demo.origin}/account`);
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.getByLabel('New password').fill('quite another password');
    await page.getByLabel('Sign me out here, too').check();
    await page.getByRole('button', { name: 'Change password' }).click();
    await page.getByText('you are signed out everywhere').waitFor();
    await page.goBack();
    expect(await page.getByText('Grace').count()).toBe(0);
  });
});

describe('with script', { timeout: SLOW }, () => {
  it("times are in the reader's zone", async () => {
    const page = await signedIn({ timezoneId: 'Asia/Tokyo' });
    await page.getByText('1 Jan 2026, 09:30:00 GMT+9').waitFor();
  });

  it('the back button shows nothing after the sign-out, in whatever way the browser kept the page', async () => {
    const page = await signedIn();
    await page.goto(`${demo.origin}/account`);
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    await page.goBack();
    await page.waitForLoadState();
    expect(await page.getByText('Grace').count()).toBe(0);
    // As from the browser's own store of pages, where the server is not asked.
    const loaded = page.waitForEvent('load');
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })));
    await loaded;
  });
});

it('axe finds nothing on any page, in light and dark, on a desk and on a phone', {
  timeout: 3 * SLOW,
}, async () => {
  const page = await open();
  // axe waits by the page's own timers.
  await page.clock.resume();
  const found: Record<string, string[]> = {};
  await tour(demo, page, async (name) => {
    found[name] = await findings(page);
  });
  expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
});

describe('the banner of a defence that is switched off', { timeout: SLOW }, () => {
  it('is readable on every kind of page, however many there are', async () => {
    const flawed = await startDemo({ without: Object.keys(FLAWS) as FlawName[] });
    const page = await open();
    await page.clock.resume();
    for (const path of ['/', '/sign-in', '/lab', '/lab/fixation']) {
      await page.goto(`${flawed.origin}${path}`);
      expect(
        await page.getByRole('complementary', { name: 'Switched off' }).getByRole('listitem').count(),
      ).toBe(Object.keys(FLAWS).length);
      expect([path, await findings(page)]).toEqual([path, []]);
    }
    await flawed.close();
  });
});
