import { expect, test } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { resolveLimits } from '../../src/http/limits.ts';
import { playSteps } from '../../src/recipe/play.ts';
import type { Step } from '../../src/recipe/recipe.ts';
import { createGate } from '../../src/site/account.ts';
import { openSite } from '../../src/site/open.ts';
import type { Site } from '../../src/site/site.ts';
import { listen } from '../gallery/exhibit.ts';

/** What is asked for at a site that answers nothing. */
async function askedFor(act: (site: Site) => Promise<unknown>): Promise<URL[]> {
  const seen: URL[] = [];
  const running = await listen((request, response) => {
    seen.push(new URL(request.url ?? '/', 'http://localhost'));
    response.end();
  });
  const target = new URL(running.url);
  const { site, close } = openSite({
    target,
    hosts: [],
    limits: resolveLimits(target),
    clock: systemClock,
    secrets: [],
    acceptsAnyCertificate: false,
  });
  try {
    await act(site);
  } finally {
    await close();
    await running.stop();
  }
  return seen;
}

test.each<readonly [string, Step]>([
  ['that is opened', { open: '/${kind}/in?user=${user}&pass=${password}&lang=en' }],
  ['that is asked for', { request: 'GET /${kind}/in?user=${user}&pass=${password}&lang=en' }],
])('what stands in the address %s is sent as it is, whatever is in it', async (_how, step) => {
  const values = { kind: 'a/b', user: 'ada', password: 'a&b=c+d #1 %20' };
  const [asked] = await askedFor((site) => playSteps(site, site.visitor('somebody'), [step], values));
  expect(asked?.pathname).toBe('/a/b/in');
  expect(Object.fromEntries(asked?.searchParams ?? [])).toEqual({
    user: 'ada',
    pass: 'a&b=c+d #1 %20',
    lang: 'en',
  });
});

test('a sign-out can say who it is that goes', async () => {
  const recipe = { signIn: [{ open: '/in' }], signOut: [{ open: '/out?who=${user}' }] };
  const asked = await askedFor(async (site) => {
    const gate = createGate(site, recipe, () => []);
    const visitors = ['ada', 'grace'].map((user) => ({ user, visitor: site.visitor(user) }));
    for (const { user, visitor } of visitors) await gate.signIn(visitor, { user, password: 'letmein' });
    for (const { visitor } of visitors) await gate.signOut(visitor);
  });
  expect(asked.map(({ pathname, search }) => `${pathname}${search}`)).toEqual([
    '/in',
    '/in',
    '/out?who=ada',
    '/out?who=grace',
  ]);
});
