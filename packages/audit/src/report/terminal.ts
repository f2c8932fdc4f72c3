/** For a person at a terminal: what was found, what to do, and what could not be judged. */
import { stripVTControlCharacters, styleText } from 'node:util';
import type { Severity } from '../engine/check.ts';
import type { CheckResult, Report } from '../engine/report.ts';
import { gradeOf, openFindings, plural, signedInAs, summaryOf } from './wording.ts';

type Style = Parameters<typeof styleText>[0];

const SEVERITY_STYLE: Readonly<Record<Severity, Style>> = {
  critical: ['bold', 'red'],
  high: 'red',
  medium: 'yellow',
  low: 'cyan',
  info: 'gray',
};

const WIDTH = 100;

export function terminalReport(report: Report, { isColoured }: { isColoured: boolean }): string {
  const style = (format: Style, text: string): string =>
    isColoured ? styleText(format, text, { validateStream: false }) : text;
  const lines: string[] = [''];
  const add = (...more: string[]): void => void lines.push(...more);

  for (const { result, finding } of openFindings(report)) {
    add(
      `${style(SEVERITY_STYLE[finding.severity], finding.severity.toUpperCase().padEnd(8))} ${style('bold', result.title)}`,
      ...wrapped(finding.summary, '         '),
      ...wrapped(`Why: ${result.about.why}`, '         '),
      ...wrapped(`Fix: ${result.fixHere ?? result.about.fix}`, '         '),
      style('gray', `         ${result.id} · ${result.requirements.join(' · ')}`),
      '',
    );
  }
  const unclear = byReason(report.checks.filter(({ outcome }) => outcome === 'inconclusive'));
  if (unclear.size > 0) {
    const reasons = [...unclear].flatMap(([reason, ids]) => wrapped(`${ids.join(', ')}: ${reason}`, '  '));
    add(style('bold', 'Not judged'), ...reasons, '');
  }
  const clean = report.checks.filter(({ outcome }) => outcome === 'clean');
  if (clean.length > 0) {
    add(
      style('bold', 'Clean'),
      ...clean.flatMap((result) => wrapped(`${style('green', '✓')} ${result.id}: ${result.summary}`, '  ')),
      '',
    );
  }
  const accepted = report.checks.flatMap(({ findings }) => findings).filter(({ isAccepted }) => isAccepted);
  if (accepted.length > 0) add(`${plural(accepted.length, 'finding')} accepted by the baseline.`, '');
  if (report.signIn) {
    add(...wrapped(`Signed in as ${signedInAs(report.signIn)}. How one tells: ${report.signIn.test}.`, ''));
  }
  if (report.recognised) {
    const { name, because, session } = report.recognised;
    add(...wrapped(`Seems made with ${name}, by ${because.join(', ')}. ${session}`, ''));
  }
  if (report.stopped !== undefined) add(style('yellow', `Not complete: ${report.stopped}`));
  const grade = gradeOf(report);
  add(
    style('bold', `${printable(report.target)}: ${summaryOf(report)}${grade ? ` Grade ${grade}.` : ''}`),
    `${plural(report.requests, 'request')} in ${report.seconds} s.`,
    '',
  );
  return lines.join('\n');
}

export function progressLine(result: CheckResult, { isColoured }: { isColoured: boolean }): string {
  const marks = { found: '✗', clean: '✓', inconclusive: '?' } as const;
  const styles = { found: 'red', clean: 'green', inconclusive: 'yellow' } as const;
  const mark = marks[result.outcome];
  return `${isColoured ? styleText(styles[result.outcome], mark, { validateStream: false }) : mark} ${result.id}`;
}

/** Checks that have one reason share one entry. */
function byReason(results: readonly CheckResult[]): Map<string, string[]> {
  const reasons = new Map<string, string[]>();
  for (const { id, summary } of results) reasons.set(summary, [...(reasons.get(summary) ?? []), id]);
  return reasons;
}

/** What a site says must not move the cursor. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are the ones.
  return stripVTControlCharacters(text).replace(/[\u0000-\u001F\u007F-\u009F]/g, ' ');
}

function wrapped(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).map((it) => (it.includes('\u001B[3') ? it : printable(it)))) {
    if (line !== '' && indent.length + line.length + word.length >= WIDTH) {
      lines.push(indent + line);
      line = lines.length === 1 && indent === '  ' ? `  ${word}` : word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, indent + line];
}
