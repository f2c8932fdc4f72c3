import { expect, test } from 'vitest';
import { readRecipe } from '../../src/recipe/read.ts';
import { nodeSite } from '../gallery/node/site.ts';
import { reportOf, said } from '../support/audits.ts';
import { appWithProof, appWithTokens, controlsByScript, signOutByScript } from './apps.ts';

test('a button that a script makes is pressed in Chromium, by who signed in without it', {
  timeout: 60_000,
}, async () => {
  const sound = await reportOf(signOutByScript(nodeSite()), ['sign-out-replay', 'sign-out-get']);
  expect(said(sound)).toEqual({ 'sign-out-replay': 'clean', 'sign-out-get': 'clean' });
  const flawed = await reportOf(signOutByScript(nodeSite({ endsAtSignOut: false })), ['sign-out-replay']);
  expect(said(flawed)).toEqual({ 'sign-out-replay': 'found' });
});

test('a menu is opened where a page shows no such button', { timeout: 60_000 }, async () => {
  const report = await reportOf(signOutByScript(nodeSite(), 'in a menu'), ['sign-out-replay']);
  expect(said(report)).toEqual({ 'sign-out-replay': 'clean' });
});

const MENU = `<button aria-haspopup=menu onclick="document.getElementById('menu').hidden = false">ada</button>
  <div id=menu hidden><button data-posts=/logout>Log out</button></div>`;

test.each([
  [
    'other sessions, where a menu has the own',
    `<button data-posts=/others>Sign out of other sessions</button>${MENU}`,
    'clean',
  ],
  ['other sessions alone', '<button data-posts=/others>Sign out of other sessions</button>', 'none'],
  [
    'other sessions, which only a label says',
    '<button data-posts=/others aria-label="Sign out of all devices">Sign out</button>',
    'none',
  ],
  ['a banner', '<button onclick="this.remove()">Cerrar</button>', 'none'],
  [
    'a newsletter',
    '<button data-posts=/newsletter data-asks="Wirklich?">Vom Newsletter abmelden</button>',
    'none',
  ],
  [
    'a newsletter, which only the address of the form says',
    '<form method=post action=/newsletter><button>Abmelden</button></form>',
    'none',
  ],
  ['nothing at all', '<button>Log out</button>', 'none'],
  ['the own session, in Spanish', '<button data-posts=/logout>Cerrar sesión</button>', 'clean'],
])('a button that ends %s', { timeout: 60_000 }, async (_what, html, outcome) => {
  const posts: string[] = [];
  const report = await reportOf(
    controlsByScript(nodeSite(), html, (path) => posts.push(path)),
    ['sign-out-replay'],
  );
  expect(said(report)).toEqual({
    'sign-out-replay':
      outcome === 'none'
        ? (expect.stringContaining('no button or link to sign out was found') as string)
        : outcome,
  });
  expect(new Set(posts)).toEqual(new Set(outcome === 'none' ? ['/login'] : ['/login', '/logout']));
});

test('an application that sends nothing, and only forgets its token, has signed out', {
  timeout: 60_000,
}, async () => {
  const report = await reportOf(appWithTokens({ onlyForgets: true }), ['sign-out-replay']);
  expect(said(report)).toEqual({ 'sign-out-replay': 'found' });
});

test('a page with scripts and nothing to sign out with is searched once, and said to have none', {
  timeout: 60_000,
}, async () => {
  const report = await reportOf(signOutByScript(nodeSite(), 'nowhere'), ['sign-out-replay', 'sign-out-get']);
  expect(said(report)).toEqual({
    'sign-out-replay': expect.stringContaining('no button or link to sign out was found') as string,
    'sign-out-get': expect.stringContaining('no button or link to sign out was found') as string,
  });
});

test('an application finds its token where the sign-in has left it, and may ask whether one is sure', {
  timeout: 60_000,
}, async () => {
  const report = await reportOf(appWithTokens(), ['sign-out-replay']);
  expect(report.stopped).toBeUndefined();
  expect(report.signIn?.proofs).toEqual([['bearer token']]);
  expect(said(report)).toEqual({ 'sign-out-replay': 'clean' });
});

test('what no word tells, a recipe does: fields to fill in one after the other, and what to press', {
  timeout: 120_000,
}, async () => {
  const recipe = readRecipe(`
signIn:
  - browser: /
    do:
      - fill: { Your name: "\${user}" }
        press: Next
      - fill: { secret: "\${password}" }
signOut:
  - browser: /
    do: [{ press: Menu }, { press: Leave us }]
`);
  const report = await reportOf(appWithProof(), ['sign-out-replay'], { recipe });
  expect(report.stopped).toBeUndefined();
  expect(report.signIn?.proofs).toEqual([['cookie key']]);
  expect(said(report)).toEqual({ 'sign-out-replay': 'clean' });
});

test('a step that finds nothing to press says so', { timeout: 60_000 }, async () => {
  const recipe = readRecipe('signIn: [{ browser: /login, do: [{ press: Let me in }] }]');
  const report = await reportOf(nodeSite(), [], { recipe });
  expect(report.stopped).toContain('“Let me in”');
});
