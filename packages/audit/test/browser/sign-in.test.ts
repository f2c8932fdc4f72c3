import { expect, test } from 'vitest';
import { audit, type AuditOptions } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { Report } from '../../src/engine/report.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';
import { behindRedirects, formByScript, singlePage } from './scripted.ts';

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

function outcomes({ checks: results }: Report): Record<string, string> {
  return Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]));
}

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
  expect(outcomes(report)).toEqual({
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
  expect(outcomes(report)).toEqual({ 'what-authenticates': 'clean', 'session-fixation': 'clean' });
});

test('a flaw is found behind such a form as behind any other', { timeout: 180_000 }, async () => {
  const report = await reportOf(
    formByScript(nodeSite({ atSignIn: 'keep', endsAtSignOut: false })),
    LOOKED_AT,
  );
  expect(outcomes(report)).toMatchObject({ 'session-fixation': 'found', 'sign-out-replay': 'found' });
});

test('the token that a page sends in the Authorization header is taken, whatever the answer called it', {
  timeout: 180_000,
}, async () => {
  const report = await reportOf(singlePage(), ['what-authenticates', 'static-token']);
  expect(report.stopped).toBeUndefined();
  expect(report.signIn?.test).toContain('/api/whoami');
  expect(report.signIn?.proofs).toEqual([['bearer token']]);
  expect(outcomes(report)).toEqual({ 'what-authenticates': 'clean', 'static-token': 'found' });
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
