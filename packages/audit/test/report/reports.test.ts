import { beforeAll, describe, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import AjvDraft04 from 'ajv-draft-04';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Report } from '../../src/engine/report.ts';
import { baselineOf, readBaseline, withBaseline } from '../../src/report/baseline.ts';
import { htmlReport } from '../../src/report/html.ts';
import { junitReport, xml } from '../../src/report/junit.ts';
import { markdownReport } from '../../src/report/markdown.ts';
import { sarifReport } from '../../src/report/sarif.ts';
import { terminalReport } from '../../src/report/terminal.ts';
import { gradeOf, openFindings, summaryOf } from '../../src/report/wording.ts';
import { audit } from '../../src/audit.ts';
import { listen, PASSWORD } from '../gallery/exhibit.ts';
import { nodeSite } from '../gallery/node/site.ts';
import { auditOf } from '../support/sites.ts';

let report: Report;
let raw = '';

beforeAll(async () => {
  report = await auditOf(
    { endsAtSignOut: false, cacheControl: undefined, linksWithId: true, showsId: true },
    { rawTranscript: (text) => (raw += text) },
  );
});

/** Every value that was a secret of this run, as the raw transcript has it. */
function secrets(): Set<string> {
  const values = [...raw.matchAll(/^set-cookie: __Host-sid=([^;\n]{8,})/gim)].map(([, value = '']) => value);
  return new Set([PASSWORD, PASSWORD.replaceAll(' ', '+'), encodeURIComponent(PASSWORD), ...values]);
}

describe('no report has a secret in it', () => {
  test.each([
    ['JSON', (it: Report) => JSON.stringify(it)],
    ['Markdown', markdownReport],
    ['SARIF', sarifReport],
    ['JUnit', junitReport],
    ['HTML', htmlReport],
    ['terminal', (it: Report) => terminalReport(it, { isColoured: true })],
  ] as const)('%s', (_name, write) => {
    const text = write(report);
    expect(secrets().size).toBeGreaterThan(10);
    for (const secret of secrets()) expect(text.includes(secret)).toBe(false);
  });

  test('and still shows which secrets are the same', () => {
    const labels = JSON.stringify(report).match(/__Host-sid=‹__Host-sid #\d+, 32 characters›/g) ?? [];
    expect(new Set(labels).size).toBeGreaterThan(1);
    expect(labels.length).toBeGreaterThan(new Set(labels).size);
  });
});

test('the JSON is what the published schema says', async () => {
  const schema = JSON.parse(
    await readFile(join(import.meta.dirname, '../../report.schema.json'), 'utf8'),
  ) as object;
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
  validate(JSON.parse(JSON.stringify(report)));
  expect(validate.errors).toBeNull();
});

test('the SARIF is what the schema of OASIS says, with findings, without an account, and with a baseline', async () => {
  const file = createRequire(import.meta.url).resolve(
    '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json',
  );
  // A pattern of the schema is no regular expression under the flag u.
  const validate = new AjvDraft04.default({
    strict: false,
    validateFormats: false,
    unicodeRegExp: false,
  }).compile(JSON.parse(await readFile(file, 'utf8')) as object);
  const accepted = withBaseline(report, readBaseline(baselineOf(report)));
  for (const each of [report, accepted, await anonymousReport()]) {
    validate(JSON.parse(sarifReport(each)));
    expect(validate.errors).toBeNull();
  }
  // What the schema does not know is told.
  expect(validate({ version: '2.1.0', runs: [{ tool: {} }] })).toBe(false);
});

test('SARIF has a rule for every check, and a result for every finding that names its rule', () => {
  const { runs } = JSON.parse(sarifReport(report)) as {
    runs: {
      tool: { driver: { rules: { id: string }[] } };
      results: { ruleId: string; ruleIndex: number }[];
    }[];
  };
  const [run] = runs;
  expect(run?.tool.driver.rules.length).toBe(report.checks.length);
  expect(run?.results.length).toBe(openFindings(report).length);
  for (const { ruleId, ruleIndex } of run?.results ?? [])
    expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
});

test('JUnit counts a finding as a failure, and what was not judged as skipped', () => {
  const text = junitReport(report);
  expect(text.match(/<failure /g)?.length).toBe(
    report.checks.filter(({ outcome }) => outcome === 'found').length,
  );
  expect(text.match(/<skipped /g)?.length).toBe(
    report.checks.filter(({ outcome }) => outcome === 'inconclusive').length,
  );
  expect(xml('<a b="\u0000&\uD800">')).toBe('&lt;a b=&quot;\uFFFD&amp;\uFFFD&quot;&gt;');
});

test('Markdown names one request as one', () => {
  const text = markdownReport(report);
  expect(text).toMatch(/\(request \d+\)/);
  expect(text).toMatch(/\(requests \d+ to \d+\)/);
  expect(text).not.toMatch(/requests (\d+) to \1\)/);
});

test('what a site says is no markup of a report', () => {
  const hostile = {
    ...report,
    target: 'http://x/<script>alert(1)</script>',
    stopped: '`<img src=x onerror=1>` **x**',
  };
  expect(htmlReport(hostile)).not.toMatch(/<script|<img/);
  expect(markdownReport(hostile)).not.toMatch(/(?<!\\)<img|(?<!\\)\*\*x/);
});

test('a baseline accepts what it names, by what it is about, and nothing else', () => {
  const { accepted } = JSON.parse(baselineOf(report)) as {
    accepted: { fingerprint: string; reason: string }[];
  };
  const all = withBaseline(report, readBaseline(JSON.stringify({ accepted })));
  expect(openFindings(all)).toEqual([]);
  expect(gradeOf(all)).toBe('A');
  const allButOne = withBaseline(report, { accepted: accepted.slice(1) });
  expect(openFindings(allButOne).map(({ finding }) => finding.fingerprint)).toEqual([
    accepted[0]?.fingerprint,
  ]);
});

test.each([
  '',
  '[]',
  'null',
  '{"accepted":[1]}',
  '{"accepted":[{"fingerprint":"a"}]}',
])('%j is no baseline', (text) => {
  expect(() => readBaseline(text)).toThrow(/baseline/);
});

test('the worst that is open makes the grade, and the summary counts', () => {
  expect(gradeOf(report)).toBe('D');
  expect(gradeOf({ ...report, stopped: 'the audit was stopped' })).toBeUndefined();
  const unclear = report.checks.filter(({ outcome }) => outcome === 'inconclusive');
  expect(gradeOf({ ...report, checks: unclear })).toBeUndefined();
  expect(summaryOf(report)).toMatch(/^4 weaknesses found, \d+ checks inconclusive, \d+ checks clean\.$/);
});

test('without an account there is no grade, and one line says why so much was not judged', async () => {
  const anonymous = await anonymousReport();
  expect(gradeOf(anonymous)).toBeUndefined();
  const text = terminalReport(anonymous, { isColoured: false });
  expect(text.match(/no account was given/g)).toHaveLength(1);
});

async function anonymousReport(): Promise<Report> {
  const site = await listen(nodeSite());
  try {
    return await audit({ target: site.url });
  } finally {
    await site.stop();
  }
}
