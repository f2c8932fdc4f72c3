import { describe, expect, test } from 'vitest';
import type { RequestListener } from 'node:http';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { CheckResult } from '../../src/engine/report.ts';
import { htmlReport } from '../../src/report/html.ts';
import type { Account } from '../../src/site/account.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { accountSite } from '../gallery/accounts/site.ts';
import { bearerExhibits } from '../gallery/bearer/exhibits.ts';
import { listen, PASSWORD, SECOND, USER } from '../gallery/exhibit.ts';

const wanted = new Set(['account-switch', 'mixed-accounts']);

async function judged(site: RequestListener, secondAccount?: Account): Promise<CheckResult[]> {
  const running = await listen(site);
  try {
    const report = await audit({
      target: running.url,
      account: { user: USER, password: PASSWORD },
      ...(secondAccount && { secondAccount }),
      checks: checks.filter(({ id }) => wanted.has(id)),
    });
    const shown = htmlReport(report).includes(`${USER}, and as ${SECOND.user} where it takes two`);
    expect(shown).toBe(secondAccount !== undefined);
    return [...report.checks];
  } finally {
    await running.stop();
  }
}

/** The same site, and its pages say other words for the names. */
function saying(words: Readonly<Record<string, string>>, site: RequestListener): RequestListener {
  return (req, res) => {
    const end = res.end.bind(res);
    res.end = ((body?: unknown) => {
      const names = new RegExp(Object.keys(words).join('|'), 'g');
      return end(typeof body === 'string' ? body.replace(names, (name) => words[name] ?? name) : undefined);
    }) as typeof res.end;
    site(req, res);
  };
}

describe('two accounts', () => {
  test('without a second one, that is said', async () => {
    for (const { because, summary } of await judged(accountSite())) {
      expect(because).toBe('not_configured');
      expect(summary).toContain('--second-user');
    }
  });

  test('where the second can not sign in, nothing is judged', async () => {
    for (const { because, summary } of await judged(accountSite(), { ...SECOND, password: 'wrong' })) {
      expect(because).toBe('control_failed');
      expect(summary).toContain('the second account can be signed in to');
    }
  });

  test('they are told apart where no page shows their names', async () => {
    const site = accountSite({ atSignIn: 'goes on as another', beside: 'name' });
    const results = await judged(
      saying({ [USER]: 'the admiral', [SECOND.user]: 'the countess' }, site),
      SECOND,
    );
    expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['account-switch', 'found'],
      ['mixed-accounts', 'found'],
    ]);
  });

  test('where every page is the same for both, nothing is judged', async () => {
    const same = saying({ [USER]: 'somebody', [SECOND.user]: 'somebody' }, accountSite());
    for (const { because, summary } of await judged(same, SECOND)) {
      expect(because).toBe('control_failed');
      expect(summary).toContain('a page differs between the two accounts');
    }
  });

  test('whoever has tokens and no cookie has a session for each', async () => {
    const [exhibit] = bearerExhibits;
    const site = await exhibit?.start();
    try {
      const report = await audit({
        target: site?.url ?? '',
        account: { user: USER, password: PASSWORD },
        secondAccount: SECOND,
        recipe: readRecipe(exhibit?.recipe ?? ''),
        checks: checks.filter(({ id }) => id === 'account-switch'),
      });
      expect(report.checks).toMatchObject([{ because: 'not_applicable' }]);
    } finally {
      await site?.stop();
    }
  });

  test('a second cookie of anybody is less bad than a name that everybody can write', async () => {
    const severityOf = async (beside: 'any device' | 'name'): Promise<string | undefined> =>
      (await judged(accountSite({ beside }), SECOND)).find(({ id }) => id === 'mixed-accounts')?.severity;
    expect(await severityOf('name')).toBe('high');
    expect(await severityOf('any device')).toBe('medium');
  });
});
