/** What Wapiti and testssl.sh say of a site, as one line for each thing. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Program } from '../../lib/program.ts';
import { run } from '../../lib/workspace.ts';

export const wapitiProgram: Program = {
  title: 'Wapiti',
  names: ['wapiti'],
  isDebianOnly: true,
  variable: 'HOLDFAST_WAPITI',
  debianPackage: 'wapiti',
  advice: 'Install Wapiti (on Debian: apt-get install wapiti), or set HOLDFAST_WAPITI to its path.',
};

export const testsslProgram: Program = {
  title: 'testssl.sh',
  names: ['testssl', 'testssl.sh'],
  variable: 'HOLDFAST_TESTSSL',
  debianPackage: 'testssl.sh',
  advice: 'Install testssl.sh (on Debian: apt-get install testssl.sh), or set HOLDFAST_TESTSSL to its path.',
};

export interface Said {
  readonly lines: readonly string[];
  /** Whether it was signed in. */
  readonly isSignedIn: boolean;
}

export interface Target {
  readonly url: string;
  /** The page with the form. */
  readonly signIn: string;
  readonly user: string;
  readonly password: string;
}

/** Those of its modules that look at sessions, headers and forms; `all` has its injections too. */
const MODULES = 'cookieflags,http_headers,csrf,csp,methods';
export const ALL_MODULES = `${MODULES},blindsql,crlf,exec,file,permanentxss,redirect,sql,ssrf,xss,xxe`;

export async function wapiti(program: string, target: Target, modules = MODULES): Promise<Said> {
  return inFolder(async (folder) => {
    const file = join(folder, 'report.json');
    const { output } = await run(program, [
      '-u',
      target.url,
      '--scope',
      'folder',
      '-m',
      modules,
      '-f',
      'json',
      '-o',
      file,
      '--flush-session',
      '--store-session',
      folder,
      '--store-config',
      folder,
      '--no-bugreport',
      '--auth-type',
      'post',
      '-s',
      target.signIn,
      '-a',
      `${target.user}%${target.password}`,
      '--max-scan-time',
      '60',
      '--max-attack-time',
      '60',
      '--verify-ssl',
      '0',
      '-v',
      '1',
    ]);
    const report = await readFile(file, 'utf8').catch(() => {
      throw new Error(`Wapiti wrote no report:\n${output.slice(-2_000)}`);
    });
    const { vulnerabilities, anomalies } = JSON.parse(report) as Record<
      'vulnerabilities' | 'anomalies',
      Record<string, { method: string; path: string; info: string }[]>
    >;
    const lines = Object.entries({ ...vulnerabilities, ...anomalies }).flatMap(([category, all]) =>
      all.map(({ method, path, info }) => {
        const where = /csrf|request forgery|anomal|error/i.test(category)
          ? ` (${method} ${path.replace(/\?.*/, '')})`
          : '';
        return `${info.split('\n')[0]}${where}`;
      }),
    );
    return { lines: [...new Set(lines)].toSorted(), isSignedIn: output.includes('Login success') };
  });
}

const GOOD = new Set(['OK', 'INFO', 'DEBUG', 'WARN']);
/** Of the JSON of 3.0.8, what is not all right here is only `INFO`, and its counts are those of another flag. */
const FLAGS: Readonly<Record<string, string>> = {
  cookie_secure: 'not every cookie is marked as secure',
  cookie_httponly: 'not every cookie is marked as HttpOnly',
};

/** It knows no sign-in: what it gets is the page with the form, before. */
export async function testssl(
  program: string,
  target: Target,
  what: readonly string[] = ['-h'],
): Promise<Said> {
  return inFolder(async (folder) => {
    const file = join(folder, 'report.json');
    const { output } = await run(program, [
      '--quiet',
      '--warnings',
      'off',
      '--color',
      '0',
      '--ip',
      '127.0.0.1',
      '--nodns',
      'none',
      '--assume-http',
      '--jsonfile',
      file,
      ...what,
      target.signIn,
    ]);
    const report = await readFile(file, 'utf8').catch(() => {
      throw new Error(`testssl.sh wrote no report:\n${output.slice(-2_000)}`);
    });
    const findings = JSON.parse(report) as { id: string; severity: string; finding: string }[];
    const lines = findings.flatMap(({ id, severity, finding }) => {
      if (FLAGS[id] !== undefined && severity !== 'OK') return [`${id}: ${FLAGS[id]}`];
      return GOOD.has(severity) ? [] : [`${id}: ${finding}`];
    });
    return { lines: [...new Set(lines)].toSorted(), isSignedIn: false };
  });
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-compared-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
