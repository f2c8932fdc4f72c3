import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Check } from '../../src/engine/check.ts';
import type { CheckResult } from '../../src/engine/report.ts';
import { runChecks } from '../../src/engine/scheduler.ts';
import { resolveLimits } from '../../src/http/limits.ts';
import { openSite } from '../../src/site/open.ts';

const TARGET = new URL('http://shop.test/');

/** As a run finds it on one page, in which this many secrets were seen before. */
async function foundOn(pathname: string, { seenBefore }: { seenBefore: number }): Promise<CheckResult> {
  const check: Check = {
    id: 'a-check',
    title: 'A check',
    severity: 'low',
    requirements: [],
    needs: 'nothing',
    about: { what: '', why: '', decides: '', fix: '' },
    async run() {
      const summary = `${pathname} is wrong.`;
      return { outcome: 'found', findings: [{ subject: pathname, summary }] };
    },
  };
  const { site, close } = openSite({
    target: TARGET,
    hosts: [],
    limits: resolveLimits(TARGET),
    clock: systemClock,
    secrets: [],
    acceptsAnyCertificate: false,
  });
  for (let index = 0; index < seenBefore; index++) site.mask.hide(`another-${index}`, 'another');
  for (const value of ['s3cret-one', 'other-s3cret']) site.mask.hide(value, 'sid');
  const recipe = {};
  const results = await runChecks([check], {
    site,
    recipe,
    permissions: new Set(),
    signedIn: undefined,
    whyNot: '',
  });
  await close();
  const [result] = results;
  if (!result) throw new Error('there is one');
  return result;
}

test.each([
  ['/login;jsessionid=s3cret-one', '/login;jsessionid=other-s3cret', '/login'],
  ['/shop;v=1;jsessionid=s3cret-one/login', '/shop;v=1;jsessionid=x/login', '/shop/login'],
  ['/s3cret-one/login', '/other-s3cret/login', '/‹sid›/login'],
  ['/f3a9c81b2d4e6f7a8b9c0d11f3a9/x', '/0d9e8f7a6b5c4d3e2f1a0b99/x', '/‹…›/x'],
])('what is found on %s and in the next run on %s is the same, and shows no secret', async (one, next, subject) => {
  const first = await foundOn(one, { seenBefore: 0 });
  const second = await foundOn(next, { seenBefore: 7 });
  for (const { findings } of [first, second])
    expect(findings).toMatchObject([{ subject, fingerprint: `a-check:${subject}` }]);
  expect(JSON.stringify([first, second])).not.toMatch(/s3cret|f3a9c81b|0d9e8f7a/);
});
