/** The life of a session, in the browser in which it is lived. */
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Cookie, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from './support/chromium.ts';
import { COOKIE, PASSWORD } from './support/client.ts';
import { type Demo, startDemo } from './support/demo.ts';

const SLOW = 60_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, SLOW);
afterAll(() => browser.close());

describe('a session from its beginning to its end', { timeout: SLOW }, () => {
  let demo: Demo;
  let home: BrowserContext;
  let other: BrowserContext;
  let page: Page;
  /** What the browser complained about: a policy that was violated, a file that was missing. */
  const complaints: string[] = [];

  beforeAll(async () => {
    demo = await startDemo({ kind: 'sqlite' });
    home = await browser.newContext();
    other = await browser.newContext({
      userAgent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:152.0) Gecko/20100101 Firefox/152.0',
    });
    page = await home.newPage();
    page.on('console', (message) => {
      if (/Content Security Policy|404/.test(message.text())) complaints.push(message.text());
    });
  }, SLOW);

  afterAll(async () => {
    await home.close();
    await other.close();
    await demo.close();
  });

  async function cookieOf(context: BrowserContext): Promise<Cookie | undefined> {
    return (await context.cookies(demo.origin)).find(({ name }) => name === COOKIE);
  }

  async function fillIn(on: Page, button: string): Promise<void> {
    await on.getByLabel('Username').fill('Grace');
    await on.getByLabel('Password').fill(PASSWORD);
    await on.getByRole('button', { name: button }).click();
  }

  async function signIn(on: Page): Promise<void> {
    await on.goto(`${demo.origin}/sign-in`);
    await fillIn(on, 'Sign in');
    await on.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
  }

  it('looking around makes no cookie', async () => {
    await page.goto(demo.origin);
    await page.getByRole('heading', { name: 'Sessions that hold.' }).waitFor();
    expect(await home.cookies()).toEqual([]);
  });

  it('signing up makes one that only this host gets and no script sees (ASVS-3.3.1, ASVS-3.3.2, ASVS-3.3.3, ASVS-3.3.4)', async () => {
    await page.getByRole('link', { name: 'Create an account' }).click();
    await fillIn(page, 'Create account');
    await page.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
    expect(await cookieOf(home)).toMatchObject({
      httpOnly: true,
      secure: true,
      sameSite: 'Lax',
      path: '/',
      domain: 'localhost',
      expires: -1,
    });
    expect(await page.evaluate(() => document.cookie)).toBe('');
    expect(await page.content()).not.toContain((await cookieOf(home))?.value);
  });

  it('two tabs go on while the token is renewed under them', async () => {
    const before = await cookieOf(home);
    const tab = await home.newPage();
    await tab.goto(`${demo.origin}/sessions`);
    for (let i = 0; i < 3; i++) {
      demo.clock.advance('16m');
      await Promise.all([page.reload(), tab.reload()]);
      await page.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
      await tab.getByText('this session').waitFor();
      // The renewed token is as old as its first use.
      await page.reload();
    }
    expect((await cookieOf(home))?.value).not.toBe(before?.value);
    const state = (await (await home.request.get(`${demo.origin}/lab/state`)).json()) as { renewals: number };
    expect(state.renewals).toBe(3);
    await tab.close();
  });

  it('a second browser is listed, ended from the first, and told so (ASVS-7.5.2)', async () => {
    const there = await other.newPage();
    await signIn(there);
    await page.goto(`${demo.origin}/sessions`);
    expect(await page.getByRole('listitem').filter({ hasText: 'Address' }).count()).toBe(2);
    const entry = page.getByRole('listitem').filter({ hasText: 'Firefox on macOS' });
    await entry.getByRole('button', { name: 'End' }).click();
    // The password was given long ago.
    await page.getByRole('heading', { name: 'Is it still you?' }).waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Go on' }).click();
    await entry.getByRole('button', { name: 'End' }).click();
    await page.getByText('That session has ended.').waitFor();
    expect(await page.getByRole('listitem').filter({ hasText: 'Address' }).count()).toBe(1);
    await there.reload();
    await there.getByText('This session was ended from another device.').waitFor();
    expect(await there.getByText('Grace').count()).toBe(0);
    await there.close();
  });

  it.each([
    ['another site, which gets no cookie along', '127.0.0.1'],
    ['another port of this host, which gets it along', 'localhost'],
  ])('a form from %s is refused (CSRF-5)', async (_, host) => {
    const evil = await serveForm(`${demo.origin}/sign-out`);
    const tab = await home.newPage();
    await tab.goto(`http://${host}:${(evil.address() as AddressInfo).port}/`);
    const answered = tab.waitForResponse(`${demo.origin}/sign-out`);
    await tab.getByRole('button').click();
    expect((await answered).status()).toBe(403);
    await tab.getByText('This request came from another site').waitFor();
    await tab.close();
    evil.close();
    await page.goto(demo.origin);
    await page.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
  });

  it('works from the keyboard alone', async () => {
    await page.goto(demo.origin);
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the content');
    for (const name of ['Holdfast', 'Home', 'Sessions']) {
      await page.keyboard.press('Tab');
      expect((await page.evaluate(() => document.activeElement?.textContent))?.trim()).toBe(name);
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your sessions' }).waitFor();
  });

  it('signing out leaves nothing: not in the browser, not behind the back button, not for a copy (ASVS-7.4.1, ASVS-14.3.2)', async () => {
    const stolen = await cookieOf(home);
    await page.goto(demo.origin);
    await page.goto(`${demo.origin}/sessions`);
    await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').waitFor();
    expect(await cookieOf(home)).toBeUndefined();
    for (let i = 0; i < 2; i++) {
      await page.goBack();
      expect(await page.getByText('Grace').count()).toBe(0);
    }
    if (!stolen) throw new Error('there was no cookie');
    const thief = await browser.newContext();
    await thief.addCookies([stolen]);
    const there = await thief.newPage();
    await there.goto(demo.origin);
    await there.getByRole('heading', { name: 'Sessions that hold.' }).waitFor();
    await thief.close();
  });

  it('doing nothing for too long ends it, and says why (ASVS-7.3.1)', async () => {
    await signIn(page);
    demo.clock.advance('29m');
    await page.reload();
    await page.getByRole('heading', { name: 'Hello, Grace' }).waitFor();
    demo.clock.advance('31m');
    await page.reload();
    await page.getByText('nothing had happened for a while').waitFor();
    expect(await page.getByText('Grace').count()).toBe(0);
  });

  it('was lived without a complaint from the browser', () => {
    expect(complaints).toEqual([]);
  });
});

/** A page of somebody else's, with a form that is aimed at us. */
async function serveForm(action: string): Promise<Server> {
  const server = createServer((_req, res) => {
    res.setHeader('content-type', 'text/html');
    res.end(`<form method="post" action="${action}"><button>Win a prize</button></form>`);
  }).listen(0);
  await once(server, 'listening');
  return server;
}
