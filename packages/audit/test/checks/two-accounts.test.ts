import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { RequestListener } from 'node:http';
import { audit } from '../../src/audit.ts';
import { checks } from '../../src/checks/index.ts';
import type { CheckResult, Report } from '../../src/engine/report.ts';
import { htmlReport } from '../../src/report/html.ts';
import { markdownReport } from '../../src/report/markdown.ts';
import { terminalReport } from '../../src/report/terminal.ts';
import type { Account } from '../../src/site/account.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import { accountSite, LETTERS } from '../gallery/accounts/site.ts';
import { bearerExhibits } from '../gallery/bearer/exhibits.ts';
import { listen, PASSWORD, SECOND, USER } from '../gallery/exhibit.ts';

const wanted = new Set(['account-switch', 'mixed-accounts']);

async function reported(
  site: RequestListener,
  { secondAccount, recipe, ids = wanted }: Partial<Of> = {},
): Promise<Report> {
  const running = await listen(site);
  try {
    return await audit({
      target: running.url,
      account: { user: USER, password: PASSWORD },
      ...(secondAccount && { secondAccount }),
      ...(recipe !== undefined && { recipe: readRecipe(recipe) }),
      checks: checks.filter(({ id }) => ids.has(id)),
    });
  } finally {
    await running.stop();
  }
}

interface Of {
  readonly secondAccount: Account;
  readonly recipe: string;
  readonly ids: ReadonlySet<string>;
}

async function judged(site: RequestListener, secondAccount?: Account): Promise<CheckResult[]> {
  const report = await reported(site, { ...(secondAccount && { secondAccount }) });
  const also = secondAccount === undefined ? '' : `, and as ${SECOND.user} where it takes two`;
  expect(headsOf(report)).toEqual(reportsOf(`${USER}${also}`));
  return [...report.checks];
}

/** Who every report says it signed in as. */
function headsOf(report: Report): string[] {
  return [
    /Signed in as<\/dt><dd>(.*?)<\/dd>/.exec(htmlReport(report))?.[1] ?? '',
    (/Signed in as (.*?)\. [`/]/.exec(markdownReport(report))?.[1] ?? '').replaceAll('`', ''),
    /Signed in as (.*?)\.\sHow one tells/s
      .exec(terminalReport(report, { isColoured: false }))?.[1]
      ?.replaceAll('\n', ' ') ?? '',
  ];
}

function reportsOf(who: string): string[] {
  return [who, who, who];
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

interface Spelling {
  write(name: string): string;
  /** Nobody, where it is not written so. */
  read(value: string): string | undefined;
}

const signature = (name: string): string => createHmac('sha256', 'a key').update(name).digest('hex');

const PLAIN: Spelling = { write: (name) => name, read: (value) => value };
const ENCODED: Spelling = {
  write: (name) => Buffer.from(JSON.stringify({ name })).toString('base64url'),
  read: (value) => /"name":"(\w+)"/.exec(Buffer.from(value, 'base64url').toString())?.[1],
};
const SIGNED: Spelling = {
  write: (name) => `${name}.${signature(name)}`,
  read: (value) => /^(\w+)/.exec(value)?.find((name) => SIGNED.write(name) === value),
};

/** The same site, and the name in its cookie is written another way. */
function spelling({ write, read }: Spelling, site: RequestListener): RequestListener {
  return (req, res) => {
    req.headers.cookie = (req.headers.cookie ?? '')
      .split('; ')
      .flatMap((pair) => {
        const [, value] = /^__Host-name=(.+)/.exec(pair) ?? [];
        if (value === undefined) return [pair];
        const name = read(value);
        return name === undefined ? [] : [`__Host-name=${name}`];
      })
      .join('; ');
    const setHeader = res.setHeader.bind(res);
    res.setHeader = (field, value) =>
      setHeader(
        field,
        Array.isArray(value)
          ? value.map((one: string) => one.replace(/(?<=^__Host-name=)\w+/, (name) => write(name)))
          : value,
      );
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

  function expectSecondFailed(report: Report, why: RegExp): void {
    expect(headsOf(report)).toEqual(
      reportsOf(`${USER}; signing in as ${SECOND.user}, where it takes two, did not work`),
    );
    expect(report.checks).toHaveLength(wanted.size);
    for (const { because, summary } of report.checks) {
      expect(because).toBe('control_failed');
      expect(summary).toMatch(/^signing in with the second account, as grace, did not work: /);
      expect(summary).toMatch(why);
    }
  }

  test('where the second can not sign in, nothing is judged, and every report says so', async () => {
    const secondAccount = { ...SECOND, password: 'wrong' };
    const report = await reported(accountSite(), { secondAccount });
    expectSecondFailed(report, /after it \/\S* is what a stranger sees/);
  });

  test('where the recipe can not be played with the second, that is the reason', async () => {
    const site = accountSite();
    const isKnownToSome: RequestListener = (req, res) => {
      if (/who=(?!grace)/.test(req.url ?? '')) res.setHeader('X-Known', 'to the old server');
      req.url = req.url?.split('?')[0] ?? '/';
      site(req, res);
    };
    const recipe = `
signIn:
  - request: POST /login?who=\${user}
    form: { user: "\${user}", password: "\${password}" }
    save: { known: { header: X-Known } }
`;
    const report = await reported(isKnownToSome, { secondAccount: SECOND, recipe });
    expectSecondFailed(report, /the answer has no header X-Known/i);
  });

  test('where nothing that was asked takes two, nobody is said to have signed in as the second', async () => {
    const report = await reported(accountSite(), { secondAccount: SECOND, ids: new Set(['hsts']) });
    expect(headsOf(report)).toEqual(reportsOf(USER));
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

  test.each([
    ['as it is', PLAIN],
    ['in an encoding', ENCODED],
  ])('a name that the page repeats from a cookie, %s, and nothing else, proves nothing', async (_says, how) => {
    const greets = accountSite({ beside: 'greeting' });
    const same = Object.fromEntries([...LETTERS.values()].map((text) => [text, 'None.']));
    const [, mixed] = await judged(saying(same, spelling(how, greets)), SECOND);
    expect(mixed).toMatchObject({ id: 'mixed-accounts', because: 'control_failed' });
    expect(mixed?.summary).toContain('(not cookie __Host-name)');
  });

  test('a name that nobody can make up, and only greets, opens nothing', async () => {
    const [, mixed] = await judged(spelling(SIGNED, accountSite({ beside: 'greeting' })), SECOND);
    expect(mixed).toMatchObject({ id: 'mixed-accounts', outcome: 'clean' });
  });

  test('what says who one is to strangers too proves nothing', async () => {
    const site = accountSite({ beside: 'greeting' });
    const same = Object.fromEntries([...LETTERS.values()].map((text) => [text, 'None.']));
    const greeting: RequestListener = (req, res) => {
      const name = /__Host-name=(\w+)/.exec(req.headers.cookie ?? '')?.[1];
      const isStranger = req.url === '/letters' && !/__Host-sid=/.test(req.headers.cookie ?? '');
      if (!isStranger || (name !== USER && name !== SECOND.user)) return site(req, res);
      return void res.writeHead(401, { 'Content-Type': 'text/html' }).end(`<p>Not ${name}? Sign in.</p>`);
    };
    const known = spelling(SIGNED, greeting);
    const [, mixed] = await judged(saying(same, known), SECOND);
    expect(mixed).toMatchObject({ id: 'mixed-accounts', because: 'control_failed' });
  });

  test('a mixture that is answered by an error shows nothing', async () => {
    const site = accountSite({ beside: 'device' });
    const owners = new Map<string, string>();
    const failing: RequestListener = (req, res) => {
      const [sid, device] = ['sid', 'device'].map(
        (name) => new RegExp(`__Host-${name}=([^;]+)`).exec(req.headers.cookie ?? '')?.[1],
      );
      if (sid !== undefined && device !== undefined) {
        if (!owners.has(sid)) owners.set(sid, device);
        if (owners.get(sid) !== device) return void res.writeHead(503).end();
      }
      site(req, res);
    };
    const [, mixed] = await judged(failing, SECOND);
    expect(mixed).toMatchObject({ id: 'mixed-accounts', because: 'control_failed' });
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
