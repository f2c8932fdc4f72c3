// `npm run evidence`, applications of other people: installs them from Debian's packages and from npm into folders that are
// removed again, starts them on loopback, audits them, and writes the tables of docs/audit/real-applications.md. What stands
// between the tables was found by hand. Names on the command line, as in `node tools/evidence/audit-applications.ts dokuwiki`,
// audit these alone.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit, readRecipe, type Report, startTarget } from '../../packages/audit/src/index.ts';
import { freePort } from '../../packages/holdfast/test/support/ports.ts';
import { libfaketime } from '../lib/faketime.ts';
import { findProgram } from '../lib/program.ts';
import { workspace } from '../lib/workspace.ts';
import { type Application, PASSWORD, USER } from './audit/application.ts';
import { dokuwiki } from './audit/dokuwiki.ts';
import { nodeRed } from './audit/node-red.ts';
import { parseDashboard } from './audit/parse-dashboard.ts';
import { phpmyadmin } from './audit/phpmyadmin.ts';
import { between } from './audit/page.ts';

const page = join(workspace, 'docs/audit/real-applications.md');
const asked = process.argv.slice(2);
const applications = [dokuwiki, phpmyadmin, nodeRed, parseDashboard].filter(
  ({ id }) => asked.length === 0 || asked.includes(id),
);
process.env[libfaketime.variable] = await findProgram(libfaketime);

interface Audited {
  readonly version: string;
  readonly report: Report;
}

async function auditOf({ prepare, recipe, allow = [], path = '/', id }: Application): Promise<Audited> {
  const folder = await mkdtemp(join(tmpdir(), `holdfast-${id}-`));
  let stop: (() => Promise<void>) | undefined;
  try {
    const port = await freePort();
    const prepared = await prepare(folder, port);
    stop = prepared.stop;
    const target = new URL(`http://localhost:${port}${path}`);
    const site = await startTarget({ command: prepared.command, target, secrets: [PASSWORD] });
    try {
      const report = await audit({
        target,
        account: { user: USER, password: PASSWORD },
        recipe: readRecipe(recipe),
        allow,
        limits: { requests: 4_000, seconds: 1_200 },
        ...(site.time && { time: site.time }),
      });
      if (report.stopped !== undefined)
        throw new Error(`${id}: ${report.stopped}\n${site.lines().join('\n')}`);
      return { version: prepared.version, report };
    } finally {
      await site.stop();
    }
  } finally {
    await stop?.();
    await rm(folder, { recursive: true, force: true });
  }
}

const code = (id: string): string => `[\`${id}\`](checks/${id}.md)`;
const inOneLine = (text: string): string =>
  text.replaceAll('|', '\\|').replaceAll(/localhost:\d+/g, 'localhost');

function tableOf({ version, report }: Audited): string {
  const { checks, requests, seconds, signIn, recognised } = report;
  const of = (outcome: string) => checks.filter((check) => check.outcome === outcome);
  const found = of('found').flatMap(({ id, findings }) =>
    findings.map(({ severity, summary }) => `| ${code(id)} | ${severity} | ${inOneLine(summary)} |`),
  );
  const reasons = new Map<string, string[]>();
  for (const { id, summary } of of('inconclusive'))
    reasons.set(summary, [...(reasons.get(summary) ?? []), code(id)]);
  const unclear = [...reasons].map(([summary, ids]) => `- ${ids.join(', ')}: ${inOneLine(summary)}.`);
  return [
    `Version ${version}: ${requests} requests in ${Math.round(seconds)} s. Enough to be signed in: ${(signIn?.proofs ?? []).map((set) => set.map((key) => `\`${key}\``).join(' with ')).join(', or ')}. Recognised as ${recognised?.name ?? 'nothing'}.`,
    '',
    '| found | severity | |',
    '|---|---|---|',
    ...found,
    '',
    `Clean: ${of('clean')
      .map(({ id }) => code(id))
      .join(', ')}.`,
    '',
    'Not judged:',
    '',
    ...unclear,
  ].join('\n');
}

let text = await readFile(page, 'utf8');
for (const application of applications) {
  const audited = await auditOf(application);
  const { requests, checks } = audited.report;
  const found = checks.filter(({ outcome }) => outcome === 'found').map(({ id }) => id);
  console.log(
    `${application.name} ${audited.version}: ${requests} requests, found ${found.join(', ') || 'nothing'}`,
  );
  text = between(text, application.id, tableOf(audited));
  await writeFile(page, text);
}
