/** For an issue or a pull request. */
import type { CheckResult, Report } from '../engine/report.ts';
import { gradeOf, openFindings, plural, signedInAs, summaryOf } from './wording.ts';

export function markdownReport(report: Report): string {
  const grade = gradeOf(report);
  const lines = [
    `# Session audit of ${code(report.target)}`,
    '',
    `**${summaryOf(report)}**${grade ? ` Grade ${grade}.` : ''}`,
    '',
    `${report.startedAt}, ${plural(report.requests, 'request')} in ${report.seconds} s.`,
    '',
    ...(report.stopped === undefined ? [] : [`> Not complete: ${text(report.stopped)}`, '']),
    ...(report.signIn
      ? [`Signed in as ${signedInAs(report.signIn, code)}. ${text(report.signIn.test)}.`, '']
      : []),
    ...(report.recognised
      ? [`Seems made with ${text(report.recognised.name)}. ${text(report.recognised.session)}`, '']
      : []),
  ];
  for (const { result, finding } of openFindings(report)) {
    lines.push(
      `## ${text(result.title)}`,
      '',
      `**${finding.severity}** · ${code(result.id)} · ${result.requirements.join(', ')}`,
      '',
      text(finding.summary),
      '',
      `**Why it matters.** ${result.about.why}`,
      '',
      `**How it was decided.** ${result.about.decides}`,
      '',
      `**How to fix it.** ${result.about.fix}`,
      '',
      ...(result.fixHere === undefined ? [] : [`**Here.** ${result.fixHere}`, '']),
      ...evidence(result),
    );
  }
  lines.push('## All checks', '', '| check | outcome | |', '|---|---|---|');
  for (const result of report.checks)
    lines.push(`| ${code(result.id)} | ${result.outcome} | ${cell(result.summary)} |`);
  lines.push('');
  return lines.join('\n');
}

function evidence({ evidence: { steps } }: CheckResult): string[] {
  if (steps.length === 0) return [];
  const items = steps.map(({ says, exchanges }, index) => {
    return `${index + 1}. ${text(says)}${exchanges ? ` (${requests(exchanges)})` : ''}`;
  });
  return [...items, ''];
}

function requests([first, last]: readonly [number, number]): string {
  return first === last ? `request ${first}` : `requests ${first} to ${last}`;
}

/** What a site says must not become markup of ours. */
function text(value: string): string {
  return value.replace(/[\\`*_{}[\]<>#|~]/g, (char) => `\\${char}`).replace(/\s+/g, ' ');
}

function code(value: string): string {
  return `\`${value.replace(/[`\r\n]/g, ' ')}\``;
}

function cell(value: string): string {
  return text(value);
}
