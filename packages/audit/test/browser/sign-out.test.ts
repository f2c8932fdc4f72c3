import { expect, test } from 'vitest';
import { audit, type AuditOptions } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { Report } from '../../src/engine/report.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';
import { appWithProof, appWithTokens, signOutByScript } from './apps.ts';

async function reportOf(
  listener: Parameters<typeof listen>[0],
  only: readonly string[],
  options: Partial<AuditOptions> = {},
): Promise<Report> {
  const site = await listen(listener);
  try {
    return await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      checks: checks.filter(({ id }) => only.includes(id)),
      ...options,
    });
  } finally {
    await site.stop();
  }
}

function said({ checks: results }: Report): Record<string, string> {
  return Object.fromEntries(
    results.map(({ id, outcome, summary }) => [id, outcome === 'inconclusive' ? summary : outcome]),
  );
}

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
