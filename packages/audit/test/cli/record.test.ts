import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { readArguments } from '../../src/cli/args.ts';
import { run } from '../../src/cli/main.ts';
import { recordRecipe, type Recording } from '../../src/cli/record.ts';
import { readRecipe } from '../../src/recipe/read.ts';
import type { Recipe } from '../../src/recipe/recipe.ts';
import { appWithProof, appWithTokens } from '../browser/apps.ts';
import { atTheApp, atTheDemo, atTheNotes, atTheProof, atTheShop } from '../browser/people.ts';
import { djangoExhibits } from '../gallery/django/exhibits.ts';
import { listen, PASSWORD, type Running } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';
import { listenTls } from '../gallery/tls/exhibits.ts';
import { atTheForm, PIN, siteWithForm } from '../support/form-site.ts';
import { startDemo } from '../support/demo.ts';
import { hiddenWindow } from '../support/window.ts';
import { freePort } from '../../../holdfast/test/support/ports.ts';

// Each signs in several times, in a browser or by HTTP.
vi.setConfig({ testTimeout: 120_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-record-'));
});
afterAll(() => rm(folder, { recursive: true }));

interface Recorded {
  readonly code: number;
  readonly said: string;
  readonly text: string;
  readonly recipe: Recipe;
}

let files = 0;

async function recorded(
  site: Running,
  person: NonNullable<Recording['person']>,
  { acceptsAnyCertificate = false } = {},
): Promise<Recorded> {
  files++;
  const file = join(folder, `${files}.yaml`);
  const lines: string[] = [];
  try {
    const code = await recordRecipe(
      { target: new URL(site.url), file, hosts: [], limits: {}, acceptsAnyCertificate, person },
      (line) => lines.push(line),
    );
    const text = await readFile(file, 'utf8');
    const said = lines.join('\n');
    expect(`${text}${said}`).not.toContain(PASSWORD);
    return { code, said, text, recipe: readRecipe(text) };
  } finally {
    await site.stop();
  }
}

test('at a site with forms, the recipe fills them in, and leaves what is hidden to the page', async () => {
  const { code, said, recipe, text } = await recorded(await listen(nodeSite()), atTheShop);
  expect(recipe).toEqual({
    signIn: [{ open: '/login', submit: { login: '${user}', pass: '${password}' } }],
    signedIn: { page: '/account' },
    signOut: [{ open: '/account' }, { request: 'POST /logout' }],
  });
  expect(text).toMatch(/# How to sign in\..*--password-env/);
  expect(said).toContain('Signing in works, by HTTP.');
  expect(said).toContain('Signing out works, by HTTP.');
  expect(said).toMatch(/--user ada --password-env PW --recipe/);
  expect(code).toBe(0);
});

test('at an application, the recipe sends what its script sends, and takes tokens from where it does', async () => {
  const { code, said, recipe } = await recorded(await listen(appWithTokens()), atTheApp);
  expect(said).toContain('Signing in works, by HTTP.');
  expect(recipe).toEqual({
    signIn: [
      { open: '/' },
      { request: 'GET /api/csrf', save: { CSRF_Token: { json: 'token' } } },
      {
        request: 'POST /api/session',
        headers: { 'X-CSRF-Token': '${CSRF_Token}' },
        json: { mail: '${user}', password: '${password}', client: 'web' },
      },
    ],
    token: 'session.token',
    signedIn: { page: '/api/me' },
    signOut: [
      { open: '/' },
      { request: 'GET /api/csrf', save: { CSRF_Token: { json: 'token' } } },
      { request: 'DELETE /api/session', headers: { 'X-CSRF-Token': '${CSRF_Token}' } },
    ],
  });
  // A script throws its token away; whether the server does is for the audit.
  expect(said).toContain('Signing out works, by HTTP.');
  expect(code).toBe(0);
});

test('a sign-out that nobody but the page hears of is none, and is said to be', async () => {
  const { code, said, recipe } = await recorded(await listen(appWithTokens({ onlyForgets: true })), atTheApp);
  expect(said).toMatch(/Signing out does not work.*nothing was sent when “Sign out” was pressed/s);
  expect(recipe).not.toHaveProperty('signOut');
  expect(code).toBe(3);
});

test('where only the page can make what is sent, the recipe says what to type and press in Chromium', async () => {
  const { code, said, recipe } = await recorded(await listen(appWithProof()), atTheProof);
  expect(said).toContain('Signing in works, in Chromium');
  expect(recipe.signIn).toEqual([
    {
      browser: '/',
      do: [
        { fill: { who: '${user}' }, press: 'Next' },
        { fill: { secret: '${password}' }, press: 'Enter' },
      ],
    },
  ]);
  expect(recipe.signedIn).toEqual({ page: '/api/me' });
  expect(said).toContain('Signing out works');
  expect(code).toBe(0);
});

test('at a site made with Django, the token of each form is taken from its page', async () => {
  const [sound] = djangoExhibits;
  if (!sound) throw new Error('there is one');
  const { code, said, recipe } = await recorded(await sound.start(), atTheNotes);
  expect(said).toContain('Signing in works, by HTTP.');
  expect(recipe).toEqual({
    signIn: [{ open: '/login/', submit: { username: '${user}', password: '${password}' } }],
    signedIn: { page: '/notes/' },
    signOut: [
      { open: '/notes/', save: { csrfmiddlewaretoken: { field: 'csrfmiddlewaretoken' } } },
      { request: 'POST /logout/', form: { csrfmiddlewaretoken: '${csrfmiddlewaretoken}' } },
    ],
  });
  expect(code).toBe(0);
});

test('at the reference application', async () => {
  const { code, said, recipe } = await recorded(await startDemo([]), atTheDemo);
  expect(said).toContain('Signing in works, by HTTP.');
  expect(said).toContain('Signing out works, by HTTP.');
  expect(recipe).toEqual({
    signIn: [{ open: '/sign-in', submit: { username: '${user}', password: '${password}' } }],
    signedIn: { page: '/sessions' },
    signOut: [{ open: '/' }, { request: 'POST /sign-out' }],
  });
  expect(code).toBe(0);
});

test('over HTTPS, who goes on without a trusted certificate is told to do so again', async () => {
  const { code, said } = await recorded(await listenTls(nodeSite()), atTheShop, {
    acceptsAnyCertificate: true,
  });
  expect(said).toMatch(/--recipe \S+ --insecure$/);
  expect(code).toBe(0);
});

test('a form that sends by GET has the password in its address, and the recipe has it nowhere', async () => {
  const { code, said, recipe, text } = await recorded(await listen(siteWithForm('GET')), atTheForm);
  expect(recipe.signIn).toEqual([{ open: '/login?login=${user}&pass=${password}' }]);
  expect(`${text}${said}`).not.toMatch(/correct(?:\+|%20)horse/);
  expect(said).toContain('Signing in works, by HTTP.');
  expect(said).toMatch(/Go on only if the site is yours.*up to 2000 requests, 200 a second.*localhost:\d+/s);
  expect(code).toBe(0);
});

test('a form that asks for a PIN too is not sent again, and neither secret is written', async () => {
  const { code, said, text } = await recorded(await listen(siteWithForm('POST', { pin: PIN })), atTheForm);
  expect(said).toMatch(/Signing in does not work as it was recorded.*can not be told: pin/s);
  expect(`${text}${said}`).not.toContain(PIN);
  expect(code).toBe(3);
});

test('who closes the window without signing in has written nothing', async () => {
  await expect(recorded(await listen(nodeSite()), () => Promise.resolve())).rejects.toThrow(
    /nobody has typed a password/,
  );
});

describe('of a site that --start starts', () => {
  const auditor = `'${process.execPath}' '${resolve(import.meta.dirname, '../../bin/holdfast-audit.js')}'`;
  const program = resolve(import.meta.dirname, '../gallery/timeouts/program.ts');

  const AS_ADA = ['--user', 'ada', '--password-env', 'PW'];
  const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

  interface Ended {
    readonly code: number | null;
    readonly out: string;
    readonly err: string;
  }

  /** @param onOpen once the window is there */
  function shell(
    command: string,
    env: NodeJS.ProcessEnv,
    onOpen?: (stop: () => void) => Promise<void>,
  ): Promise<Ended> {
    return new Promise((done, failed) => {
      const child = spawn(`exec ${command}`, { shell: true, env: { ...process.env, PW: PASSWORD, ...env } });
      const stop = (): void => void child.kill('SIGINT');
      let out = '';
      let err = '';
      let opened: Promise<void> | undefined;
      child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
        if (out.includes('close the window')) opened ??= onOpen?.(stop).catch(failed);
      });
      child.on('close', (code) => done({ code, out, err }));
    });
  }

  async function siteToStart(): Promise<{ url: string; start: string }> {
    const port = await freePort();
    return { url: `http://localhost:${port}/`, start: `'${process.execPath}' '${program}' ${port}` };
  }

  test('the recipe works with the command that is said next, and the site is ended each time', async () => {
    const { url, start } = await siteToStart();
    const file = join(folder, 'started.yaml');
    const window = await hiddenWindow(folder);
    const args = `${url} --record ${file} --start "${start}"`;
    const written = await shell(`${auditor} ${args}`, window.env, () => window.sit(atTheShop));
    expect(written).toMatchObject({ code: 0, err: '' });
    await expect(fetch(url)).rejects.toThrow('fetch failed');

    const next = written.out
      .trimEnd()
      .split('\n')
      .at(-1)
      ?.trim()
      .replace('PW=… npx @holdfast/audit', auditor);
    const audited = await shell(`${next} --ci --only sign-out-replay`, {});
    expect(audited.err).toBe('');
    expect(audited.out).toMatch(/No weakness found.*1 check clean/s);
    expect(audited.code).toBe(0);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  test('that it ended is said, with what it said last', async () => {
    const url = `http://localhost:${await freePort()}/`;
    const site =
      'require("node:http").createServer((q, r) => { if (q.url !== "/login") return r.end(`<a href="/login">Log in</a>`); console.log(process.env.PW + " lost the table"); process.exit(7); }).listen(process.argv[1])';
    const start = `exec '${process.execPath}' -e '${site}' ${new URL(url).port}`;
    const file = join(folder, 'ended.yaml');
    const window = await hiddenWindow(folder);
    const args = ['--record', file, '--start', start, ...AS_ADA];
    const { code, err } = await shell(`${auditor} ${url} ${args.map(quoted).join(' ')}`, window.env, () =>
      window.sit(async (page) => {
        const failed = page.waitForEvent('requestfailed');
        await page.getByRole('link', { name: 'Log in' }).click();
        await failed;
      }),
    );
    expect(err).toMatch(
      /^holdfast-audit: the target said last; it ended with exit code 7:\n {2}‹password[^\n]*› lost the table\n$/,
    );
    expect(code).toBe(3);
  });

  test('Ctrl-C ends it and the window, and nothing is written', async () => {
    const { url, start } = await siteToStart();
    const file = join(folder, 'stopped.yaml');
    const { env } = await hiddenWindow(folder);
    const args = `${url} --record ${file} --start "${start}"`;
    const stopped = await shell(`${auditor} ${args}`, env, async (stop) => stop());
    expect(stopped).toMatchObject({ code: 130, err: 'holdfast-audit: stopped: nothing is written\n' });
    await expect(fetch(url)).rejects.toThrow('fetch failed');
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });
});

describe('the command line', () => {
  test.each([
    [['http://localhost:1/', '--record'], 'sessions.yaml'],
    [['--record', 'http://localhost:1/'], 'sessions.yaml'],
    [['http://localhost:1/', '--record', '--insecure'], 'sessions.yaml'],
    [['http://localhost:1/', '--record', 'mine.yaml'], 'mine.yaml'],
    [['http://localhost:1/', '--record=mine.yaml'], 'mine.yaml'],
  ])('%j writes %s', (args, file) => {
    expect(readArguments(args)).toMatchObject({ target: 'http://localhost:1/', record: file });
  });

  async function refusal(args: readonly string[]): Promise<string> {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    expect(await run(args)).toBe(2);
    return written.mock.calls.map(([text]) => String(text)).join('');
  }

  test('a file that is there already is left alone', async () => {
    const file = join(folder, 'kept.yaml');
    await writeFile(file, '# by hand\n');
    expect(await refusal(['http://localhost:1/', '--record', file])).toMatch(/kept\.yaml is there already/);
    expect(await readFile(file, 'utf8')).toBe('# by hand\n');
  });

  test('without a display it is said what to do', async () => {
    vi.stubEnv('DISPLAY', '');
    vi.stubEnv('WAYLAND_DISPLAY', '');
    const file = join(folder, 'none.yaml');
    expect(await refusal(['http://localhost:1/', '--record', file])).toMatch(/no display.*ssh -X/);
  });

  test.each([
    ['--json', 'x.json'],
    ['--markdown', 'x.md'],
    ['--sarif', 'x.sarif'],
    ['--junit', 'x.xml'],
    ['--html', 'x.html'],
    ['--raw-transcript', 'x.txt'],
    ['--write-baseline', 'x.json'],
    ['--baseline', 'x.json'],
    ['--fail-on', 'high'],
    ['--profile', 'aal2'],
    ['--only', 'hsts'],
    ['--allow', 'state-change'],
    ['--patience', '62m'],
    ['--second-user', 'grace', '--second-password-env', 'PW2'],
    ['--quiet'],
    ['--ci'],
  ])('%s is of an audit, and is not taken for a recording', async (...option) => {
    const named = option.filter((it) => it.startsWith('--')).join(', ');
    expect(await refusal(['http://localhost:1/', '--record', ...option])).toBe(
      `holdfast-audit: --record writes a recipe and audits nothing: leave out ${named}\n`,
    );
  });

  test('all of them are named at once', async () => {
    const args = ['http://localhost:1/', '--record', '--ci', '--only', 'hsts', '--json', 'x.json'];
    expect(await refusal(args)).toContain('leave out --only, --json, --ci\n');
  });

  test.each([
    'no-such-folder/new.yaml',
    'new.yaml/',
  ])('that %s can not be written is said before the window opens', async (file) => {
    expect(await refusal(['http://localhost:1/', '--record', join(folder, file)])).toMatch(
      /^holdfast-audit: --record: .* can not be written\n$/,
    );
  });

  test('a recipe is written or read, not both', async () => {
    expect(await refusal(['http://localhost:1/', '--record', '--recipe', 'x.yaml'])).toMatch(/one at a time/);
  });
});
