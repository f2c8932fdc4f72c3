/** Leads a browser through every page of the application, in every state that a person meets, and stops at each. */
import type { Page } from 'playwright-core';
import { DEMO_PASSWORD, DEMO_USERNAME } from '../../src/demo-account.ts';
import { MOST_PER_ACCOUNT } from '../../src/password-attempts.ts';
import type { Demo } from './demo.ts';

/** Called at each state of a page, with a name for it. */
export type Stop = (name: string) => Promise<void>;

/** Other devices of the same user, so that there is something to see. */
const OTHERS: readonly string[] = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:152.0) Gecko/20100101 Firefox/152.0',
  'curl/8.14.1',
];

/** @param demo with the demo account, and nothing done yet */
export async function tour(demo: Demo, page: Page, stop: Stop): Promise<void> {
  await visitor(demo, page, stop);
  await owner(demo, page, stop);
  await deadlines(demo, page, stop);
  await mishaps(demo, page, stop);
}

async function visitor({ origin }: Demo, page: Page, stop: Stop): Promise<void> {
  await page.goto(origin);
  await stop('welcome');
  await page.goto(`${origin}/nowhere`);
  await stop('not-found');
  await page.goto(`${origin}/sign-up`);
  await stop('sign-up');
  await credentials(page, 'Create account', 'short');
  await page.getByText('The password is too short').waitFor();
  await stop('sign-up-refused');
  await page.goto(`${origin}/sign-in`);
  await stop('sign-in');
  await credentials(page, 'Sign in', 'not the password');
  await page.getByText('The username or the password is wrong.').waitFor();
  await stop('sign-in-refused');
}

async function owner(demo: Demo, page: Page, stop: Stop): Promise<void> {
  const { origin, clock } = demo;
  for (const userAgent of OTHERS) {
    await demo.client(userAgent).signIn(DEMO_USERNAME, DEMO_PASSWORD);
    clock.advance('4m');
  }
  await signIn(demo, page);
  clock.advance('12m');
  await page.reload();
  await page.reload();
  await stop('home');
  await page.goto(`${origin}/sessions`);
  await stop('sessions');
  await page.goto(`${origin}/account`);
  await page.getByLabel('New address').fill('ada.lovelace@example.com');
  await stop('account');
  await page.getByRole('button', { name: 'Change e-mail address' }).click();
  await page.waitForURL(/\/confirm/);
  await stop('step-up');
  await page.getByLabel('Password').fill('not the password');
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.getByText('That is not your password.').waitFor();
  await stop('step-up-refused');
  await page.getByLabel('Password').fill(DEMO_PASSWORD);
  await page.getByRole('button', { name: 'Go on' }).click();
  await page.waitForURL(/\/account/);
  await stop('step-up-done');
  await page.getByLabel('New address').fill('ada@nowhere');
  await page.getByRole('button', { name: 'Change e-mail address' }).click();
  await page.getByText('That is no e-mail address').waitFor();
  await stop('email-refused');
  await page.goto(`${origin}/account`);
  await page.getByLabel('Current password').fill('not the password');
  await page.getByLabel('New password').fill('quite another password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('That is not your current password.').waitFor();
  await stop('password-refused');
  const gone = demo.client('curl/8.14.1');
  await gone.signIn(DEMO_USERNAME, DEMO_PASSWORD);
  await page.goto(`${origin}/sessions`);
  await gone.post('/sign-out');
  await page.getByRole('button', { name: 'End', exact: true }).first().click();
  await page.getByText('You have no such session').waitFor();
  await stop('session-gone');
  await page.goto(`${origin}/sessions`);
  await page.getByRole('button', { name: 'End all others' }).click();
  await page.getByText('All your other sessions have ended.').waitFor();
  await stop('sessions-ended');
}

async function deadlines({ origin, clock }: Demo, page: Page, stop: Stop): Promise<void> {
  await page.goto(origin);
  clock.advance('29m');
  await page.reload();
  clock.advance('29m');
  await page.clock.runFor(30_000);
  const dialog = page.getByRole('alertdialog');
  await dialog.waitFor();
  await stop('countdown');
  await dialog.getByRole('button', { name: 'Stay signed in' }).click();
  await dialog.waitFor({ state: 'hidden' });
  // Eight hours after the password was given, however busy somebody was.
  for (let i = 0; i < 20; i++) {
    clock.advance('20m');
    await page.context().request.get(origin);
  }
  clock.advance('21m');
  await page.goto(`${origin}/sessions`);
  await dialog.getByText('has reached its longest time').waitFor();
  await stop('countdown-limit');
  clock.advance('1m');
  await page.clock.runFor(30_000);
  await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
  await stop('over');
  await page.goto(origin);
  await page.getByText('the session had reached its longest time').waitFor();
  await stop('expired');
}

/** What goes wrong, made to go wrong for real. */
async function mishaps(demo: Demo, page: Page, stop: Stop): Promise<void> {
  const { origin, users, storage } = demo;
  await page.goto(
    `data:text/html,<form method="post" action="${origin}/sign-out"><button>Win</button></form>`,
  );
  await page.getByRole('button').click();
  await page.getByText('This request came from another site').waitFor();
  await stop('cross-site');

  const { verify } = users;
  const other = demo.client();
  await other.signIn(DEMO_USERNAME, DEMO_PASSWORD);
  users.verify = async (user, password) => {
    await other.post('/sessions/end-others');
    return verify(user, password);
  };
  await page.goto(`${origin}/sign-in`);
  await credentials(page, 'Sign in', DEMO_PASSWORD);
  await page.getByText('Your session changed meanwhile').waitFor();
  users.verify = verify;
  await stop('changed-meanwhile');

  await signIn(demo, page);
  const { store } = storage;
  const { read } = store;
  store.read = () => Promise.reject(new Error('The store is down.'));
  await page.reload();
  await page.getByText('Your session can not be reached right now').waitFor();
  await stop('store-down');
  store.read = read;

  await page.goto(origin);
  await page.getByRole('banner').getByRole('button', { name: 'Sign out' }).click();
  await page.getByText('You are signed out.').waitFor();
  await stop('signed-out');

  await page.goto(`${origin}/sign-in`);
  await page.evaluate(async (most) => {
    const body = new URLSearchParams({ username: 'grace', password: 'a guess' });
    for (let i = 0; i < most; i++) await fetch('/sign-in', { method: 'POST', body });
  }, MOST_PER_ACCOUNT);
  await page.getByLabel('Username').fill('grace');
  await page.getByLabel('Password').fill('another guess');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Too many wrong passwords').waitFor();
  await stop('too-many-passwords');
}

async function signIn({ origin }: Demo, page: Page): Promise<void> {
  await page.goto(`${origin}/sign-in`);
  await credentials(page, 'Sign in', DEMO_PASSWORD);
  await page.waitForURL(`${origin}/`);
}

async function credentials(page: Page, button: string, password: string): Promise<void> {
  await page.getByLabel('Username').fill(DEMO_USERNAME);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: button }).click();
}
