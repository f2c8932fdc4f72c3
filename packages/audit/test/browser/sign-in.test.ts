import { expect, test } from 'vitest';
import { nodeSite } from '../gallery/node/site.ts';
import { reportOf, said } from '../support/audits.ts';
import { behindRedirects, formByScript, singlePage } from './scripted.ts';

const LOOKED_AT = ['what-authenticates', 'token-renewal', 'session-fixation', 'sign-out-replay'];

test('a form that a script makes is filled in by Chromium, which reaches no other host', {
  timeout: 180_000,
}, async () => {
  const raw: string[] = [];
  const report = await reportOf(formByScript(nodeSite()), LOOKED_AT, {
    rawTranscript: (text) => raw.push(text),
  });
  expect(raw.some((text) => /^GET .*\/app\.js$/m.test(text))).toBe(true);
  expect(raw.some((text) => /^GET .*elsewhere\.invalid/m.test(text))).toBe(false);
  expect(report.stopped).toBeUndefined();
  expect(report.signIn?.proofs).toEqual([['cookie __Host-sid']]);
  expect(said(report)).toEqual({
    'what-authenticates': 'clean',
    'token-renewal': 'clean',
    'session-fixation': 'clean',
    'sign-out-replay': 'clean',
  });
});

test('redirects of the page, of its form and of its scripts are followed by the audit', {
  timeout: 180_000,
}, async () => {
  const report = await reportOf(behindRedirects(nodeSite()), ['what-authenticates', 'session-fixation']);
  expect(report.stopped).toBeUndefined();
  expect(report.signIn?.proofs).toEqual([['cookie __Host-sid']]);
  expect(said(report)).toEqual({ 'what-authenticates': 'clean', 'session-fixation': 'clean' });
});

test('a flaw is found behind such a form as behind any other', { timeout: 180_000 }, async () => {
  const report = await reportOf(
    formByScript(nodeSite({ atSignIn: 'keep', endsAtSignOut: false })),
    LOOKED_AT,
  );
  expect(said(report)).toMatchObject({ 'session-fixation': 'found', 'sign-out-replay': 'found' });
});

test('the token that a page sends in the Authorization header is taken, whatever the answer called it', {
  timeout: 180_000,
}, async () => {
  const report = await reportOf(singlePage(), ['what-authenticates', 'static-token']);
  expect(report.stopped).toBeUndefined();
  expect(report.signIn?.test).toContain('/api/whoami');
  expect(report.signIn?.proofs).toEqual([['bearer token']]);
  expect(said(report)).toEqual({ 'what-authenticates': 'clean', 'static-token': 'found' });
});

test('without Chromium it is said what is missing', async () => {
  const before = process.env['HOLDFAST_CHROMIUM'];
  process.env['HOLDFAST_CHROMIUM'] = '/no/such/chromium';
  try {
    const report = await reportOf(formByScript(nodeSite()), ['what-authenticates']);
    expect(report.stopped).toMatch(/Chromium|recipe/);
  } finally {
    if (before === undefined) delete process.env['HOLDFAST_CHROMIUM'];
    else process.env['HOLDFAST_CHROMIUM'] = before;
  }
});
