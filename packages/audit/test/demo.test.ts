import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { audit } from '../src/audit.ts';
import { checks } from '../src/checks/index.ts';
import type { Check } from '../src/engine/check.ts';
import type { Report } from '../src/engine/report.ts';
import { checksOf } from '../src/profiles.ts';
import { readRecipe } from '../src/recipe/read.ts';
import type { Account } from '../src/site/account.ts';
import { PASSWORD, SECOND, USER } from './gallery/exhibit.ts';
import { startDemo, stopDemos } from './support/demo.ts';

/** What is missing once a defence is switched off. */
const SWITCHES: Readonly<Record<string, readonly string[]>> = {
  rotation: ['token-renewal'],
  elevation: ['step-up-renewal'],
  logout: ['sign-out-replay'],
  revocation: ['session-revocation'],
  revival: ['revival'],
  // Its switch opens both: the cookie goes along, and nobody looks at where the form comes from.
  csrf: ['cookie-samesite', 'sign-out-cross-site'],
  samesite: ['cookie-samesite'],
  httponly: ['cookie-httponly'],
  secure: ['cookie-secure'],
  'no-store': ['page-caching'],
  'password-change': ['password-change'],
};

const all: readonly (readonly [string, readonly string[]])[] = [['nothing', []], ...Object.entries(SWITCHES)];
/** A process for each takes long: by default those that say most. */
const some = new Set(['nothing', 'logout', 'revival', 'password-change']);
const cases = process.env['HOLDFAST_LONG'] ? all : all.filter(([name]) => some.has(name));

afterAll(stopDemos);

async function signUp(url: string, { user, password }: Account): Promise<void> {
  const { status } = await fetch(`${url}/sign-up`, {
    method: 'POST',
    headers: { Origin: url },
    body: new URLSearchParams({ username: user, password }),
    redirect: 'manual',
  });
  expect(status).toBe(303);
}

/** @param signal of the test: what times out ends, instead of going on behind it */
async function auditOfDemo(
  without: readonly string[],
  chosen: readonly Check[],
  signal: AbortSignal,
): Promise<Report> {
  const demo = await startDemo(without);
  try {
    await signUp(demo.url, SECOND);
    return await audit({
      target: demo.url,
      account: { user: USER, password: PASSWORD },
      secondAccount: SECOND,
      recipe: readRecipe(await readFile(join(import.meta.dirname, 'demo.recipe.yaml'), 'utf8')),
      checks: chosen,
      allow: ['password-change', 'state-change'],
      signal,
    });
  } finally {
    await demo.stop();
  }
}

test.concurrent.for(cases)(
  'on the reference application without %s, exactly that is found at asvs-l2',
  { timeout: 60_000 },
  async ([name, expected], { signal }) => {
    const report = await auditOfDemo(name === 'nothing' ? [] : [name], checksOf('asvs-l2', checks), signal);
    expect(report.stopped).toBeUndefined();
    const found = report.checks.filter(({ outcome }) => outcome === 'found').map(({ id }) => id);
    expect(found.toSorted()).toEqual(expected.toSorted());
    const unclear = report.checks.filter(
      ({ because }) => because === 'control_failed' || because === 'fault',
    );
    expect(unclear.map(({ id, summary }) => `${id}: ${summary}`)).toEqual([]);
    expect(report.requests).toBeLessThan(2_000);
    expect(report.seconds).toBeLessThan(60);
  },
);

test.concurrent('what asvs-l2 does not ask for is judged on the reference application too, and is in order', {
  timeout: 60_000,
}, async ({ signal }) => {
  const asked = checksOf('asvs-l2', checks);
  const others = checks.filter((check) => !asked.includes(check));
  const report = await auditOfDemo([], others, signal);
  const outcomes = report.checks.map(({ id, outcome, because }) => [id, because ?? outcome]);
  // One cookie is all there is: with that of another account there is nothing to mix.
  const expected = others.map(({ id }) => [id, id === 'mixed-accounts' ? 'not_applicable' : 'clean']);
  expect(outcomes).toEqual(expected);
  expect(others.map(({ id }) => id)).toEqual(expect.arrayContaining(['lost-updates', 'session-rollback']));
});
