// `npm run evidence`, side by side: this auditor, Wapiti and testssl.sh on the reference application, with one defence switched
// off at a time, and on sites of the gallery. Writes the tables of docs/audit/compared.md. All of them see each site over
// HTTPS, and those that can are signed in.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { audit, type AuditOptions, readRecipe } from '../../packages/audit/src/index.ts';
import { type Exhibit, PASSWORD, type Running, USER } from '../../packages/audit/test/gallery/exhibit.ts';
import { gallery } from '../../packages/audit/test/gallery/index.ts';
import { startDemo } from '../../packages/audit/test/support/demo.ts';
import { findProgram } from '../lib/program.ts';
import { workspace } from '../lib/workspace.ts';
import {
  ALL_MODULES,
  type Said,
  type Target,
  testssl,
  testsslProgram,
  wapiti,
  wapitiProgram,
} from './audit/others.ts';
import { between } from './audit/page.ts';
import { frontOf } from './audit/tls-front.ts';

const DEFENCES: Readonly<Record<string, string>> = {
  rotation: 'the token is not renewed at a new sign-in',
  elevation: 'a session that gains a right keeps its token',
  logout: 'the sign-out forgets the cookie only',
  revocation: 'ending other sessions does nothing',
  revival: 'a late write brings the session back',
  csrf: 'nobody looks at where a form comes from, and the cookie goes along',
  samesite: 'the cookie has no SameSite',
  httponly: 'the cookie has no HttpOnly',
  secure: 'the cookie has no Secure',
  'no-store': 'pages may be kept',
  'password-change': 'other sessions survive a change of the password',
};

const EXHIBITS = [
  'no Secure',
  'no HttpOnly',
  'no SameSite',
  'no prefix',
  'kept for a year',
  'always the same token',
  'fixation',
  'old token kept',
  'sign-out forgets the cookie only',
  'cookie left behind',
  'sign-out by a link',
  'pages without Cache-Control',
  'token taken from the address',
  'TRACE',
  'stack trace',
  'written back whole',
  'password change leaves others',
  'basket, one item in the cookie',
  'HTTPS, without HSTS',
];

interface Subject {
  readonly name: string;
  readonly truth: string;
  readonly signIn: string;
  readonly options: Partial<AuditOptions>;
  start(): Promise<Running>;
}

const recipe = readRecipe(await readFile(join(workspace, 'packages/audit/test/demo.recipe.yaml'), 'utf8'));
const ofDemo = (name: string, truth: string, without: readonly string[]): Subject => ({
  name,
  truth,
  signIn: '/sign-in',
  options: { recipe, allow: ['password-change', 'state-change'] },
  start: () => startDemo(without),
});
const demos = [
  ofDemo('as it is', 'nothing is wrong', []),
  ...Object.entries(DEFENCES).map(([name, truth]) => ofDemo(`without \`${name}\``, truth, [name])),
];
function ofGallery(name: string): Subject {
  const exhibit: Exhibit | undefined = gallery.find((it) => it.name === name);
  if (!exhibit) throw new Error(`the gallery has no ${name}`);
  const { truth, allow = [], start } = exhibit;
  return {
    name,
    truth,
    signIn: '/login',
    options: { recipe: readRecipe(exhibit.recipe ?? ''), allow },
    start,
  };
}

const programs = { wapiti: await findProgram(wapitiProgram), testssl: await findProgram(testsslProgram) };

/** The site over HTTPS, and who signs in to it. */
async function at<T>(subject: Subject, work: (target: Target) => Promise<T>): Promise<T> {
  const site = await subject.start();
  const front = site.url.startsWith('https:') ? undefined : await frontOf(site.url);
  const url = front?.url ?? site.url;
  try {
    return await work({ url, signIn: new URL(subject.signIn, url).href, user: USER, password: PASSWORD });
  } finally {
    await front?.stop();
    await site.stop();
  }
}

interface Seen {
  readonly subject: Subject;
  readonly ours: readonly string[];
  readonly wapiti: Said;
  readonly testssl: Said;
}

function look(subject: Subject): Promise<Seen> {
  return at(subject, async (target) => {
    // Before the others: one of them may use the site up.
    const report = await audit({
      target: target.url,
      account: { user: USER, password: PASSWORD },
      acceptsAnyCertificate: true,
      ...subject.options,
    });
    if (report.stopped !== undefined) throw new Error(`${subject.name}: ${report.stopped}`);
    const ours = report.checks.filter(({ outcome }) => outcome === 'found').map(({ id }) => id);
    const seen = {
      subject,
      ours,
      wapiti: await wapiti(programs.wapiti, target),
      testssl: await testssl(programs.testssl, target),
    };
    console.log(
      `${subject.name}: ${ours.join(', ') || 'nothing'} | ${seen.wapiti.isSignedIn ? '' : 'NOT SIGNED IN '}${seen.wapiti.lines.length} | ${seen.testssl.lines.length}`,
    );
    return seen;
  });
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/:\d{4,5}\b/g, '');
const list = (lines: readonly string[]): string => lines.map(cell).join('; ') || '–';

/** Whether Wapiti thinks so depends on the token that it was given: of the same site it says it in one run and not in the next. */
const BY_CHANCE = /might be easy to predict/;

/** What is said of a flawed site and not of the sound one, and the other way round. */
function news(lines: readonly string[], sound: Said): string[] {
  return lines.filter((line) => !sound.lines.includes(line) && !BY_CHANCE.test(line));
}

function apart({ lines }: Said, sound: Said): string {
  const more = news(lines, sound);
  const less = sound.lines
    .filter((line) => !lines.includes(line) && !BY_CHANCE.test(line))
    .map((line) => `no longer: ${line}`);
  return list([...more, ...less]);
}

function tableOf([sound, ...flawed]: readonly Seen[]): string {
  if (!sound) return '';
  const row = ({ subject, ours }: Seen, others: readonly string[]): string =>
    `| ${subject.name} | ${subject.truth} | ${ours.map((id) => `\`${id}\``).join(', ') || 'nothing'} | ${others.join(' | ')} |`;
  return [
    '| site | the truth | this auditor | Wapiti | testssl.sh |',
    '|---|---|---|---|---|',
    row(sound, [list(sound.wapiti.lines), list(sound.testssl.lines)]),
    ...flawed.map((seen) =>
      row(seen, [apart(seen.wapiti, sound.wapiti), apart(seen.testssl, sound.testssl)]),
    ),
  ].join('\n');
}

async function all(subjects: readonly Subject[]): Promise<Seen[]> {
  const seen: Seen[] = [];
  for (const subject of subjects) seen.push(await look(subject));
  return seen;
}

function countOf(name: string, seen: readonly Seen[]): string {
  const [sound, ...flawed] = seen;
  const others = (of: (it: Seen) => Said): number =>
    flawed.filter((it) => sound && news(of(it).lines, of(sound)).length > 0).length;
  return `| ${name} | ${flawed.length} | ${flawed.filter(({ ours }) => ours.length > 0).length} | ${others((it) => it.wapiti)} | ${others((it) => it.testssl)} |`;
}

const page = join(workspace, 'docs/audit/compared.md');
async function write(name: string, block: string): Promise<void> {
  await writeFile(page, between(await readFile(page, 'utf8'), name, block));
}

const ofDemos = await all(demos);
await write('demo', tableOf(ofDemos));
const ofExhibits = await all(['sound', ...EXHIBITS].map(ofGallery));
await write('gallery', tableOf(ofExhibits));
const counts = [
  '| | flawed sites | this auditor says something | Wapiti says something that it does not say of the sound one | testssl.sh |',
  '|---|---|---|---|---|',
  countOf('the reference application', ofDemos),
  countOf('the gallery', ofExhibits),
];
await write('counts', counts.join('\n'));
const everything = await at(ofDemo('as it is', '', []), async (target) => [
  `- Wapiti: ${list((await wapiti(programs.wapiti, target, ALL_MODULES)).lines)}.`,
  `- testssl.sh: ${list((await testssl(programs.testssl, target, [])).lines)}.`,
]);
await write('everything', everything.join('\n'));
