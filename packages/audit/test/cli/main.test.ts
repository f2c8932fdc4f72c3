import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { run as runHere } from '../../src/cli/main.ts';
import { accountSite } from '../gallery/accounts/site.ts';
import { listen, PASSWORD, type Running, SECOND } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';
import { freePort } from '../../../holdfast/test/support/ports.ts';

const bin = resolve(import.meta.dirname, '../../bin/holdfast-audit.js');
const AS_ADA = ['--user', 'ada', '--password-env', 'PW'];

let folder: string;
let sound: Running;
let flawed: Running;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-audit-'));
  sound = await listen(nodeSite());
  flawed = await listen(nodeSite({ cacheControl: undefined }));
});

afterAll(async () => {
  await Promise.all([sound.stop(), flawed.stop()]);
  await rm(folder, { recursive: true });
});

interface Finished {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface Interruption {
  readonly interruptAt?: RegExp;
  readonly by?: NodeJS.Signals;
  /** A terminal and npm both pass a signal on: when it comes the second time. Default: it does not. */
  readonly again?: 'at once' | 'as the report is shown';
}

function run(
  args: readonly string[],
  { interruptAt, by = 'SIGINT', again }: Interruption = {},
): Promise<Finished> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [bin, ...args], { env: { ...process.env, PW: PASSWORD } });
    let out = '';
    let err = '';
    let interrupts = 0;
    const interrupt = (): void => {
      interrupts++;
      if (interrupts <= 2) child.kill(by);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
      if (interrupts > 0 && again === 'as the report is shown') interrupt();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
      if (interruptAt?.test(err) && (interrupts === 0 || again === 'at once')) interrupt();
    });
    child.on('close', (code) => done({ code, out, err }));
  });
}

describe('the exit code', () => {
  test('is 0 where nothing is found, and the report says so', async () => {
    const { code, out } = await run([sound.url, ...AS_ADA]);
    expect(out).toMatch(/No weakness found.*Grade A/);
    expect(code).toBe(0);
  });

  test('is 1 where something is found, from the severity on that was asked for', async () => {
    const baseline = join(folder, 'baseline.json');
    expect(await run([flawed.url, ...AS_ADA, '--ci', '--write-baseline', baseline])).toMatchObject({
      code: 1,
    });
    expect(await run([flawed.url, ...AS_ADA, '--ci', '--fail-on', 'high'])).toMatchObject({ code: 0 });
    expect(await run([flawed.url, ...AS_ADA, '--ci', '--fail-on', 'never'])).toMatchObject({ code: 0 });
    expect(await run([flawed.url, ...AS_ADA, '--ci', '--baseline', baseline])).toMatchObject({ code: 0 });
  }, 30_000);

  test('is 3 where signing in did not work: nothing found is then no good news', async () => {
    const { code, out } = await run([sound.url, '--user', 'nobody', '--password-env', 'PW']);
    expect(code).toBe(3);
    expect(out).toContain('signing in did not work');
  });

  test('is 3 where the site does not answer, with and without an account, and the last lines say why', async () => {
    const url = `http://localhost:${await freePort()}/`;
    for (const who of [[], AS_ADA]) {
      const { code, out } = await run([url, ...who, '--ci']);
      expect(out).toMatch(/^Not complete: [^:]*: localhost:\d+: ECONNREFUSED\n.*38 checks inconclusive/);
      expect(code).toBe(3);
    }
  });

  test('is 3 where the budget ends before the audit and nothing is found by then, and 1 where something is', async () => {
    const budget = ['--requests', '60', '--ci'];
    const ended = await run([sound.url, ...AS_ADA, ...budget]);
    expect(ended.out).toMatch(/^Not complete: all 60 requests.*\n.*No weakness found, .* clean\.\n/);
    expect(ended.out).toMatch(/(?!\b0) checks clean/);
    expect(ended.code).toBe(3);
    const found = await run([flawed.url, ...AS_ADA, ...budget]);
    expect(found.out).toMatch(/^Not complete: all 60 requests.*\n.* weakness(?:es)? found/);
    expect(found.code).toBe(1);
  }, 30_000);

  test.each([
    'json',
    'markdown',
    'sarif',
    'junit',
    'html',
    'raw-transcript',
    'write-baseline',
  ])('is 2 before the first request where the file of --%s is a folder', async (kind) => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const url = `http://localhost:${await freePort()}/`;
    for (const file of [folder, `${folder}/new/`, '']) {
      expect(await runHere([url, `--${kind}`, file])).toBe(2);
      expect(written.mock.calls).toEqual([
        [`holdfast-audit: --${kind}: ${file === '' ? "''" : file} can not be written\n`],
      ]);
      written.mockClear();
    }
  });

  test.each([
    [[], /write the address/],
    [['not an address'], /is no address/],
    [['ftp://x/'], /is no address/],
    [['http://localhost:1/', '--user', 'ada'], /belong together/],
    [['http://localhost:1/', '--user', 'ada', '--password-env', 'MISSING'], /no MISSING/],
    [['http://localhost:1/', '--second-user', 'grace'], /belong together/],
    [
      ['http://localhost:1/', '--second-user', 'grace', '--second-password-env', 'MISSING'],
      /--second-password-env: .* no MISSING/,
    ],
    [['http://localhost:1/', '--profile', 'x'], /asvs-l1/],
    [['http://localhost:1/', '--fail-on', 'x'], /never/],
    [['http://localhost:1/', '--only', 'x'], /--list/],
    [['http://localhost:1/', '--profile', 'asvs-l1', '--only', 'idle-timeout'], /asvs-l1 does not ask for/],
    [['http://localhost:1/', '--json', '/no/such/folder/x.json'], /--json: .* can not be written/],
    [['http://localhost:1/', '--raw-transcript', '/no/such/folder/x'], /--raw-transcript: .* can not be/],
    [['http://localhost:1/', '--allow', 'x'], /password-change/],
    [['http://localhost:1/', '--host', 'https://api.example/'], /--host: .* is no host/],
    [['http://localhost:1/', '--requests', '-1'], /Option|positive/],
    [['http://localhost:1/', '--requests', '0'], /positive/],
    [['http://localhost:1/', '--recipe', '/no/such/file'], /can not be read/],
    [['http://localhost:1/', '--nonsense'], /nonsense/],
    [['https://staging.example.com/', '--start', 'node server.js'], /localhost/],
    [['http://localhost:1/', '--start', ' '], /write the command/],
    [['http://localhost:1/', '--patience', 'long'], /--patience: write a time like/],
  ])('is 2 for %j, with one line that says what to write', async (args, says) => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(await runHere(args)).toBe(2);
    const lines = written.mock.calls.map(([text]) => String(text));
    expect(lines).toEqual([expect.stringMatching(says)]);
    expect(lines[0]?.trim()).not.toContain('\n');
  });
});

describe('a second account comes', () => {
  let site: Running;

  beforeAll(async () => {
    site = await listen(accountSite({ atSignIn: 'goes on as another' }));
  });

  afterAll(() => site.stop());

  test.each([
    ['from the command line', ['--second-user', SECOND.user, '--second-password-env', 'PW2'], undefined],
    ['from the recipe', [], 'secondAccount: { user: grace, passwordEnv: PW2 }'],
  ])('%s, and its password is in no report', async (_where, args, recipe) => {
    const json = join(folder, 'two-accounts.json');
    const file = join(folder, 'two-accounts.yaml');
    await writeFile(file, recipe ?? '');
    vi.stubEnv('PW', PASSWORD);
    vi.stubEnv('PW2', SECOND.password);
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const all = [site.url, ...AS_ADA, ...args, '--recipe', file, '--only', 'account-switch', '--json', json];
    expect(await runHere([...all, '--ci'])).toBe(1);
    const text = await readFile(json, 'utf8');
    expect(text).toContain('"subject": "the second account"');
    expect(text).not.toContain(SECOND.password);
  });
});

test('a host that is not this machine is not touched before somebody has agreed', async () => {
  const { code, err } = await run(['https://staging.example.com/', ...AS_ADA]);
  expect(err).toMatch(/up to 2000 requests, 20 a second.*staging\.example\.com, signing in as ada/s);
  expect(err).toContain('--yes');
  expect(code).toBe(2);
});

test('Ctrl-C ends the audit, and the report has what is known by then', async () => {
  const file = join(folder, 'interrupted.json');
  const { code } = await run([sound.url, ...AS_ADA, '--json', file, '--rate', '40'], {
    interruptAt: /cookie-secure/,
    again: 'at once',
  });
  expect(code).toBe(130);
  const report = JSON.parse(await readFile(file, 'utf8')) as {
    stopped: string;
    checks: { id: string; outcome: string }[];
  };
  expect(report.stopped).toBe('the audit was stopped');
  expect(report.checks.find(({ id }) => id === 'cookie-secure')?.outcome).toBe('clean');
});

test('a second signal that comes when the report is shown already is still the first one', async () => {
  for (const by of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    const { code, out } = await run([sound.url, ...AS_ADA, '--rate', '40'], {
      interruptAt: /cookie-secure/,
      by,
      again: 'as the report is shown',
    });
    expect(out).toContain('Not complete: the audit was stopped');
    expect([by, code]).toEqual([by, 130]);
  }
}, 60_000);

test('every report is written, and only the raw transcript, which nobody else may read, has the secrets', async () => {
  const files = ['json', 'markdown', 'sarif', 'junit', 'html', 'raw-transcript'].map(
    (kind) => [kind, join(folder, kind)] as const,
  );
  await run([flawed.url, ...AS_ADA, '--quiet', ...files.flatMap(([kind, file]) => [`--${kind}`, file])]);
  for (const [kind, file] of files) {
    const text = await readFile(file, 'utf8');
    expect(text.length).toBeGreaterThan(500);
    expect([kind, text.includes(PASSWORD.replaceAll(' ', '+'))]).toEqual([kind, kind === 'raw-transcript']);
  }
  expect((await stat(join(folder, 'raw-transcript'))).mode & 0o077).toBe(0);
});

test('a recipe that can not be used is refused with the place', async () => {
  const file = join(folder, 'bad.yaml');
  await writeFile(file, 'signOut:\n  - request: logout\n');
  const { code, err } = await run([sound.url, ...AS_ADA, '--recipe', file]);
  expect(err).toContain('signOut[0].request');
  expect(code).toBe(2);
});

describe('--start', () => {
  const program = resolve(import.meta.dirname, '../gallery/timeouts/program.ts');

  test('starts the site, moves its clock, and ends it', async () => {
    const port = await freePort();
    const limits = JSON.stringify({ idle: 1_800 });
    const { code, out } = await run([
      `http://localhost:${port}/`,
      ...AS_ADA,
      '--only',
      'idle-timeout',
      '--start',
      `'${process.execPath}' '${program}' ${port} '${limits}'`,
    ]);
    expect(out).toMatch(/✓ idle-timeout: .*nobody used/);
    expect(code).toBe(0);
    await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow('fetch failed');
  }, 60_000);

  test.each([
    'SIGTERM',
    'SIGHUP',
  ] as const)('the site does not outlive a command that is ended by %s, and the report is written', async (by) => {
    const port = await freePort();
    const file = join(folder, `${by}.json`);
    const start = ['--start', `'${process.execPath}' '${program}' ${port}`];
    const args = [`http://localhost:${port}/`, ...AS_ADA, '--json', file, '--rate', '40', ...start];
    const { code } = await run(args, { interruptAt: /cookie-secure/, by });
    expect(code).toBe(130);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ stopped: 'the audit was stopped' });
    await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow('fetch failed');
  }, 60_000);

  test('Ctrl-C while the site comes up ends it, in one line', async () => {
    const port = await freePort();
    const pid = join(folder, 'pid');
    const start = ['--start', `echo $$ > '${pid}'; kill -INT $PPID; exec sleep 60`];
    const { code, err } = await run([`http://localhost:${port}/`, ...AS_ADA, ...start]);
    expect(err).toBe('holdfast-audit: the audit was stopped\n');
    expect(code).toBe(130);
    const started = Number(await readFile(pid, 'utf8'));
    expect(() => process.kill(started, 0)).toThrow('ESRCH');
  }, 60_000);

  test('says that the site said nothing, too', async () => {
    const port = await freePort();
    const { code, err } = await run([`http://localhost:${port}/`, '--start', 'exit 7']);
    expect(err).toBe('holdfast-audit: --start: it ended with exit code 7. It said nothing.\n');
    expect(code).toBe(3);
  });

  test('says what the site said where it does not start', async () => {
    const port = await freePort();
    const start = ['--start', `'${process.execPath}' -e 'throw new Error("no database")'`];
    const { code, err } = await run([`http://localhost:${port}/`, ...AS_ADA, ...start]);
    expect(err).toMatch(/exit code 1.*no database/s);
    expect(code).toBe(3);
  }, 60_000);

  test('what the site said last is in the report where it could not be audited, without the password', async () => {
    const port = await freePort();
    const file = join(folder, 'started.json');
    const site =
      'require("node:http").createServer((q, r) => { console.log(process.env.PW + " lost the table"); r.statusCode = 500; r.end(); }).listen(process.argv[1])';
    const { code, err } = await run([
      `http://localhost:${port}/`,
      ...AS_ADA,
      '--json',
      file,
      '--start',
      `'${process.execPath}' -e '${site}' ${port}`,
    ]);
    expect(code).toBe(3);
    expect(err).toContain('lost the table');
    const { targetOutput } = JSON.parse(await readFile(file, 'utf8')) as { targetOutput: string[] };
    expect(targetOutput.join('\n')).toContain('lost the table');
    expect(`${err}${targetOutput.join('\n')}`).not.toContain(PASSWORD);
  }, 60_000);
});
