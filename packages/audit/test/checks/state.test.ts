import { expect, test } from 'vitest';
import { audit } from '../../src/audit.ts';
import { check as lostUpdates } from '../../src/checks/lost-updates.ts';
import { check as sessionRollback } from '../../src/checks/session-rollback.ts';
import type { CheckResult } from '../../src/engine/report.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { listen, PASSWORD, USER } from '../gallery/exhibit.ts';
import { basketSite, type Parts } from '../gallery/state/site.ts';

const MARKED = 'changeState: [{ request: POST /basket, form: { item: "${mark}" } }]';

async function outcomes(parts: Partial<Parts>, recipe: string): Promise<readonly CheckResult[]> {
  const site = await listen(basketSite(parts));
  try {
    const { checks } = await audit({
      target: site.url,
      account: { user: USER, password: PASSWORD },
      recipe: readRecipe(recipe),
      checks: [lostUpdates, sessionRollback],
      allow: ['state-change'],
    });
    return checks;
  } finally {
    await site.stop();
  }
}

const said = (results: readonly CheckResult[]): string[] =>
  results.map(({ id, outcome, because, summary }) => `${id}: ${because ?? outcome}: ${summary}`);

test('a limit that is reached meanwhile is no loss: a change alone has to count too', async () => {
  const [lost] = await outcomes({ room: 6 }, MARKED);
  expect(lost).toMatchObject({ outcome: 'inconclusive', because: 'control_failed' });
});

test('where each change overwrites the one before, none can be lost', async () => {
  const [lost, back] = await outcomes({ overwrites: true }, MARKED);
  expect(lost).toMatchObject({ outcome: 'inconclusive', because: 'not_applicable' });
  expect(back).toMatchObject({ outcome: 'clean' });
});

test.each([
  ['no recipe', ''],
  ['a page that does not show it', `${MARKED}\nchangeShows: /login`],
  ['a request that is refused', 'changeState: [{ request: POST /nowhere }]'],
])('nothing is judged with %s', async (_name, recipe) => {
  const results = await outcomes({}, recipe);
  expect(results.map(({ because }) => because)).toEqual(['not_configured', 'not_configured']);
});

test('the report says how many were made and lost, and of which cookie an older value was enough', async () => {
  expect(said(await outcomes({ keeps: 'in the cookie' }, MARKED))).toEqual([
    'lost-updates: found: Of 5 changes that were made at the same time and accepted, 4 were lost.',
    'session-rollback: found: An older value of cookie __Host-basket opens the page and shows it as it was before the last change.',
  ]);
  expect(said(await outcomes({}, MARKED))).toEqual([
    'lost-updates: clean: Of 20 changes that were made at the same time, none was lost.',
    'session-rollback: clean: A change leaves the cookie as it is, so there is no older one to go back to.',
  ]);
});
